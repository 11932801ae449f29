import { EngineError } from '../schema/engine-error.js'
import { openKernels, wasmMemory } from '../wasm/kernels.js'
import { elementsAtOnce, scaleModule, type ScaleKernels } from './scale-kernels.js'

/** The numbers of one tensor, in memory that the kernels see. */
export interface ScaleArray {
  /** Whole numbers s of S = S0 · exp(s · 2^−20), all 0 at first. */
  readonly units: Int32Array
  /** S, as of the last `refresh`. */
  readonly scales: Float32Array
}

/**
 * Trained scales of several tensors, and the few passes over them that a step takes, as vectors of four. Their sizes are
 * fixed, so the memory never grows and its arrays stay valid.
 */
export class ScaleArrays {
  readonly arrays: readonly ScaleArray[]
  /** Numbers to go along, several of them at a time: factors at a probe, distances of a move. */
  readonly table: { readonly factors: Float32Array; readonly distances: Int32Array }
  readonly #probed: readonly Float32Array[]
  readonly #kernels: ScaleKernels
  /** What the kernels take in: a tensor's values or signs, and two factors. */
  readonly #input: {
    readonly values: Float32Array
    readonly bits: Uint32Array
    readonly factors: Float32Array
  }

  /**
   * @param lengths of the tensors
   * @param probedLengths of the results that are valid at once; a probe names one by its index
   * @param tableLength of `table`
   * @throws EngineError 'memory-budget-exceeded' beyond 4 GiB, or what the machine has
   */
  constructor(lengths: readonly number[], probedLengths: readonly number[], tableLength = 0) {
    const longest = Math.max(...lengths, ...probedLengths)
    const twice = [...lengths, tableLength].flatMap((length) => [length, length])
    const words = [...twice, ...probedLengths, longest].reduce((sum, length) => sum + wordsOf(length), 0)
    const bytes = 4 * (words * elementsAtOnce + wordsOf(longest) + 2)
    const memory = reserve(bytes)
    let at = 0
    const take = <T>(type: new (buffer: ArrayBuffer, at: number, length: number) => T, length: number) => {
      const array = new type(memory.buffer, at, length)
      at += 4 * wordsOf(length) * elementsAtOnce
      return array
    }
    this.arrays = lengths.map((length) => ({
      units: take(Int32Array, length),
      scales: take(Float32Array, length),
    }))
    this.#probed = probedLengths.map((length) => take(Float32Array, length))
    this.table = { factors: take(Float32Array, tableLength), distances: take(Int32Array, tableLength) }
    const values = take(Float32Array, longest)
    const bits = new Uint32Array(memory.buffer, at, wordsOf(longest))
    const factors = new Float32Array(memory.buffer, at + bits.byteLength, 2)
    this.#input = { values, bits, factors }
    this.#kernels = openKernels(scaleModule(), memory) as ScaleKernels
  }

  /** scales = initial ∘ exp(units · 2^−20). */
  refresh({ units, scales }: ScaleArray, initial: Float32Array): void {
    const { values } = this.#input
    values.set(initial)
    this.#kernels.multiplyByExp(values.byteOffset, units.byteOffset, scales.byteOffset, wordsOf(units.length))
  }

  /** The memory of the index-th result. */
  probed(index: number, length: number): Float32Array {
    return this.#probed[index].subarray(0, length)
  }

  /** scales ∘ (bit ? up : down), in the memory of the index-th result. */
  probe(index: number, { scales }: ScaleArray, bits: Uint32Array, up: number, down: number): Float32Array {
    const probed = this.probed(index, scales.length)
    const { bits: signs, factors } = this.#input
    signs.set(bits)
    factors.set([down, up])
    this.#kernels.multiplyBySigns(
      ...([scales.byteOffset, signs.byteOffset, probed.byteOffset] as const),
      ...([wordsOf(scales.length), factors.byteOffset] as const),
    )
    return probed
  }

  /** units += bit ? coefficient : −coefficient, modulo 2^32 as everywhere. */
  move({ units }: ScaleArray, bits: Uint32Array, coefficient: number): void {
    const { bits: signs } = this.#input
    signs.set(bits)
    this.#kernels.moveBySigns(units.byteOffset, signs.byteOffset, wordsOf(units.length), coefficient)
  }

  /**
   * scales ∘ factors of the table, from `offset` on and there again after every `period`, in the memory of the index-th
   * result.
   *
   * @param period a multiple of `elementsAtOnce`; the table has as many more numbers than offset + period at least
   */
  probeAlong(index: number, { scales }: ScaleArray, offset: number, period: number): Float32Array {
    const probed = this.probed(index, scales.length)
    const factors = this.table.factors.byteOffset + 4 * offset
    for (let at = 0; at < scales.length; at += period) {
      const words = wordsOf(Math.min(period, scales.length - at))
      this.#kernels.multiply(scales.byteOffset + 4 * at, factors, probed.byteOffset + 4 * at, words)
    }
    return probed
  }

  /** units += distances of the table, modulo 2^32, repeated as by `probeAlong`. */
  moveAlong({ units }: ScaleArray, offset: number, period: number): void {
    const distances = this.table.distances.byteOffset + 4 * offset
    for (let at = 0; at < units.length; at += period) {
      const words = wordsOf(Math.min(period, units.length - at))
      this.#kernels.add(units.byteOffset + 4 * at, distances, words)
    }
  }
}

function wordsOf(length: number): number {
  return Math.ceil(length / elementsAtOnce)
}

function reserve(bytes: number) {
  try {
    return wasmMemory(bytes)
  } catch (thrown) {
    throw new EngineError(
      'memory-budget-exceeded',
      { requiredBytes: bytes, availableBytes: 2 ** 32 },
      `the block scales need ${bytes} bytes at once, and could not have them`,
      { cause: thrown },
    )
  }
}
