import { EngineError } from '../../schema/engine-error.js'
import { openKernels, pageBytes, wasmMemory } from '../../wasm/kernels.js'
import type { QuantizedMatrix } from '../matrix.js'
import { unpackModule, type UnpackKernel } from './unpack-kernels.js'

/** Unpacks quantized matrices to floats, a whole block of a model in a millisecond or two. */
export class MatrixUnpacker {
  readonly #memory = wasmMemory(0)
  readonly #kernels = openKernels(unpackModule(), this.#memory) as Record<
    'unpackNibbles' | 'unpackBytes',
    UnpackKernel
  >

  /**
   * The values of each matrix in float32, shape [rows, columns]. They share the unpacker's memory, which grows as needed and
   * is used again: they are valid until the next call.
   *
   * value = (code − zeroPoint) · scale
   *
   * @throws EngineError 'memory-budget-exceeded' beyond 4 GiB, or what the machine has
   */
  unpack(matrices: readonly QuantizedMatrix[]): Float32Array[] {
    const packedBytes = Math.max(0, ...matrices.map(packedLength))
    const values = matrices.map(({ rows, columns }) => rows * columns)
    this.#reserve(packedBytes + 4 * values.reduce((sum, count) => sum + count, 0))
    let start = packedBytes
    return matrices.map((matrix, index) => {
      this.#unpackAt(start, matrix)
      const unpacked = new Float32Array(this.#memory.buffer, start, values[index])
      start += 4 * values[index]
      return unpacked
    })
  }

  #unpackAt(target: number, { bits, blockSize, codes, scales, zeroPoints }: QuantizedMatrix): void {
    const points = zeroPoints ?? Float32Array.of(2 ** (bits - 1))
    const { buffer } = this.#memory
    new Float32Array(buffer, 0, scales.length).set(scales)
    new Float32Array(buffer, scales.byteLength, points.length).set(points)
    const firstCode = scales.byteLength + points.byteLength
    new Uint8Array(buffer, firstCode, codes.length).set(codes)
    const kernel = bits === 4 ? this.#kernels.unpackNibbles : this.#kernels.unpackBytes
    const zeroStep = zeroPoints === null ? 0 : 4
    kernel(firstCode, 0, scales.byteLength, target, scales.length, (blockSize * bits) / 8, zeroStep)
  }

  #reserve(bytes: number): void {
    const missing = bytes - this.#memory.buffer.byteLength
    if (missing <= 0) return
    try {
      this.#memory.grow(Math.ceil(missing / pageBytes))
    } catch (thrown) {
      const { byteLength } = this.#memory.buffer
      throw new EngineError(
        'memory-budget-exceeded',
        { requiredBytes: bytes, availableBytes: byteLength },
        `unpacking needs ${bytes} bytes at once, and only ${byteLength} could be had`,
        { cause: thrown },
      )
    }
  }
}

/** Bytes of a matrix as the kernels read it: scales, zero points, codes; a multiple of 4. */
function packedLength({ codes, scales, zeroPoints }: QuantizedMatrix): number {
  return scales.byteLength + (zeroPoints?.byteLength ?? 4) + 4 * Math.ceil(codes.byteLength / 4)
}
