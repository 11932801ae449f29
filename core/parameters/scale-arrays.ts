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
   * @param probedLengths of the results that are valid at once; `probe` names one by its index
   * @throws EngineError 'memory-budget-exceeded' beyond 4 GiB, or what the machine has
   */
  constructor(lengths: readonly number[], probedLengths: readonly number[]) {
    const longest = Math.max(...lengths, ...probedLengths)
    const words = [...lengths.flatMap((length) => [length, length]), ...probedLengths, longest].reduce(
      (sum, length) => sum + wordsOf(length),
      0,
    )
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

  /** scales ∘ (bit ? up : down), in the memory of the index-th result. */
  probe(index: number, { scales }: ScaleArray, bits: Uint32Array, up: number, down: number): Float32Array {
    const probed = this.#probed[index].subarray(0, scales.length)
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
