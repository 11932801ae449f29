import { fakeQuantizeGradient, lsqNormalizer, type QuantizedWeights } from '../quantization/fake-quantizer.js'
import type { QuantizedMatrix } from '../quantization/matrix.js'
import type { RoundingSlope } from '../quantization/soft-round.js'
import type { MasterWeightSettings } from '../schema/trained-part.js'
import type { TrainedTensor } from './differentiated-parameters.js'
import { eachWeight, emptyMatrix, masterStart, roundInto, type MasterGrid } from './master-grid.js'
import { expVector, refreshFactors, type ExpVector } from './exp-vector.js'

/** Weights are kept this far inside of the range of codes, since nothing pulls a weight at its end back. */
const margin = 2 ** -10

/**
 * Weights in floats behind a matrix of codes, and the grid of each block that they are rounded to.
 *
 * A weight is kept in codes of its block's first grid, w = (v − z₀) s₀, so that steps of one size suit all blocks, and is
 * rounded on the grid s = s₀ e^a, z = z₀ + b: ŵ = (round(w / s + z) − z) s, codes clamped to 0 … 2^bits − 1. Grids begin as
 * those of the file for 4 bits, and fitted to its values by least squares for 2.
 */
export class MasterMatrix {
  /** In the form of the file, as its graph takes it. */
  readonly matrix: QuantizedMatrix
  readonly tensors: readonly TrainedTensor[]
  readonly #bits: 4 | 2
  readonly #initial: MasterGrid
  readonly #grid: MasterGrid
  readonly #weights: TrainedTensor
  readonly #logScales: ExpVector | null
  readonly #shifts: TrainedTensor | null
  readonly #slope: RoundingSlope

  /** @param name of the linear's weight, which names what is trained of it */
  constructor(
    name: string,
    base: QuantizedMatrix,
    { bits, trainsGrid, softRounding }: Omit<MasterWeightSettings, 'linears'>,
  ) {
    const { rows, columns, scales, zeroPoints } = base
    this.#bits = bits
    this.#slope = softRounding === null ? 'straight-through' : { sharpness: softRounding }
    const { weights, grid } = masterStart(base, bits)
    this.#initial = grid
    this.#grid = { scales: grid.scales.slice(), zeroPoints: grid.zeroPoints.slice() }
    this.#weights = trained(`${name}.weights`, [rows, columns], weights)
    this.#logScales = trainsGrid ? expVector(`${name}.scales`, scales.length) : null
    this.#shifts =
      trainsGrid && zeroPoints !== null
        ? trained(`${name}.zeroPoints`, [scales.length], new Float32Array(scales.length))
        : null
    this.tensors = [this.#weights, this.#logScales, this.#shifts].filter((tensor) => tensor !== null)
    this.matrix = emptyMatrix(base)
    this.refresh()
  }

  /**
   * Adds the gradients of what is trained, given that of the rounded weights, which is overwritten.
   *
   * @param upstream shape [rows, columns]
   */
  accumulate(upstream: Float32Array): void {
    const { scales, zeroPoints } = this.#grid
    const blocks = { scales: new Float32Array(scales.length), zeroPoints: new Float32Array(scales.length) }
    const weights = new Float32Array(upstream.length)
    this.#eachWeight((i, block) => {
      weights[i] = (this.#weights.values[i] - this.#initial.zeroPoints[block]) * this.#initial.scales[block]
    })
    const { blockSize } = this.matrix
    const quantized: QuantizedWeights = {
      weights,
      scales,
      zeroPoints,
      blockSize,
      largestCode: this.#largestCode,
    }
    const normalizer = lsqNormalizer(blockSize, 2 ** (this.#bits - 1) - 1)
    const options = { slope: this.#slope, normalizer }
    fakeQuantizeGradient(quantized, upstream, options, { weights: upstream, ...blocks })
    this.#eachWeight((i, block) => {
      this.#weights.gradient[i] += upstream[i] * this.#initial.scales[block]
    })
    const [ofLogScales, ofShifts] = [this.#logScales?.gradient, this.#shifts?.gradient]
    for (let block = 0; block < scales.length; block++) {
      if (ofLogScales) ofLogScales[block] += blocks.scales[block] * scales[block]
      if (ofShifts) ofShifts[block] += blocks.zeroPoints[block]
    }
  }

  /** Computes grids and codes from values that have changed; on a fixed grid, weights stay within it. */
  refresh(): void {
    const { scales, zeroPoints } = this.#grid
    if (this.#logScales !== null) {
      refreshFactors(this.#logScales)
      this.#logScales.factors.forEach((factor, i) => (scales[i] = this.#initial.scales[i] * factor))
    } else {
      const { values } = this.#weights
      const end = this.#largestCode - margin
      for (let i = 0; i < values.length; i++) values[i] = Math.min(end, Math.max(margin, values[i]))
    }
    this.#shifts?.values.forEach((shift, i) => (zeroPoints[i] = this.#initial.zeroPoints[i] + shift))
    this.#store()
  }

  get #largestCode(): number {
    return 2 ** this.#bits - 1
  }

  /** Rounds every weight to its code, and writes codes and grids in the form of the file. */
  #store(): void {
    const { scales, zeroPoints } = this.#grid
    const { values } = this.#weights
    roundInto(this.matrix, this.#bits, this.#grid, (i, block) => {
      const ratio = this.#initial.scales[block] / scales[block]
      return (values[i] - this.#initial.zeroPoints[block]) * ratio + zeroPoints[block]
    })
  }

  #eachWeight(visit: (index: number, block: number) => void): void {
    eachWeight(this.#initial.scales.length, this.matrix.blockSize, visit)
  }
}

function trained(name: string, shape: readonly number[], values: Float32Array): TrainedTensor {
  return { name, shape, values, gradient: new Float32Array(values.length) }
}
