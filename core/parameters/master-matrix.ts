import { dequantizeRow } from '../quantization/dequantize-row.js'
import { fakeQuantizeGradient, lsqNormalizer, type QuantizedWeights } from '../quantization/fake-quantizer.js'
import { fitBlock } from '../quantization/fit-block.js'
import type { QuantizedMatrix } from '../quantization/matrix.js'
import { packCodes } from '../quantization/pack-codes.js'
import type { RoundingSlope } from '../quantization/soft-round.js'
import type { MasterWeightSettings } from '../schema/trained-part.js'
import type { TrainedTensor } from './differentiated-parameters.js'
import { expVector, refreshFactors, type ExpVector } from './exp-vector.js'

/** Weights are kept this far inside of the range of codes, since nothing pulls a weight at its end back. */
const margin = 2 ** -10

/** What a block of zeros gets for a scale: the smallest half float above 0. */
const smallestScale = 2 ** -24

/**
 * Weights in floats behind a matrix of codes, and the grid of each block that they are rounded to.
 *
 * A weight is kept in codes of its block's first grid, w = (v − z₀) s₀, so that steps of one size suit all blocks, and is
 * rounded on the grid s = s₀ e^a, z = z₀ + b: ŵ = (round(w / s + z) − z) s, codes clamped to 0 … 2^bits − 1. Grids begin as
 * those of the file for 4 bits, and fitted to its values by least squares for 2.
 *
 * 2-bit codes c lie in the file's 4-bit codes: c itself where the type keeps minima; else 5 + 2 c around the fixed zero
 * point 8, with half the scale.
 */
export class MasterMatrix {
  /** In the form of the file, as its graph takes it. */
  readonly matrix: QuantizedMatrix
  readonly tensors: readonly TrainedTensor[]
  readonly #bits: 4 | 2
  readonly #initial: Grid
  readonly #grid: Grid
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
    const values = dequantized(base)
    this.#initial = bits === 4 ? gridOfFile(base) : fittedGrid(values, base)
    this.#grid = { scales: this.#initial.scales.slice(), zeroPoints: this.#initial.zeroPoints.slice() }
    this.#weights = trained(`${name}.weights`, [rows, columns], this.#inCodes(values, base.blockSize))
    this.#logScales = trainsGrid ? expVector(`${name}.scales`, scales.length) : null
    this.#shifts =
      trainsGrid && zeroPoints !== null
        ? trained(`${name}.zeroPoints`, [scales.length], new Float32Array(scales.length))
        : null
    this.tensors = [this.#weights, this.#logScales, this.#shifts].filter((tensor) => tensor !== null)
    this.matrix = {
      ...base,
      codes: new Uint8Array(base.codes.length),
      scales: new Float32Array(scales.length),
      zeroPoints: zeroPoints && new Float32Array(zeroPoints.length),
    }
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
    const { matrix } = this
    const isDoubled = this.#bits === 2 && matrix.zeroPoints === null
    const [first, stride] = isDoubled ? [5, 2] : [0, 1]
    const codes = new Uint8Array(this.#weights.values.length)
    const { scales, zeroPoints } = this.#grid
    const { values } = this.#weights
    const largest = this.#largestCode
    this.#eachWeight((i, block) => {
      const ratio = this.#initial.scales[block] / scales[block]
      const place = (values[i] - this.#initial.zeroPoints[block]) * ratio + zeroPoints[block]
      codes[i] = first + stride * Math.max(0, Math.min(largest, Math.round(place)))
    })
    packCodes(codes, codes.length, 4, matrix.codes)
    for (let block = 0; block < scales.length; block++) matrix.scales[block] = scales[block] / stride
    matrix.zeroPoints?.set(zeroPoints)
  }

  #inCodes(values: Float32Array, blockSize: number): Float32Array {
    const { scales, zeroPoints } = this.#initial
    return values.map((value, i) => {
      const block = Math.floor(i / blockSize)
      return value / scales[block] + zeroPoints[block]
    })
  }

  #eachWeight(visit: (index: number, block: number) => void): void {
    const { blockSize } = this.matrix
    const { length } = this.#initial.scales
    for (let block = 0, i = 0; block < length; block++) {
      for (const end = i + blockSize; i < end; i++) visit(i, block)
    }
  }
}

/** Scale and zero point of each block. */
interface Grid {
  readonly scales: Float32Array
  readonly zeroPoints: Float32Array
}

function dequantized(matrix: QuantizedMatrix): Float32Array {
  const values = new Float32Array(matrix.rows * matrix.columns)
  for (let row = 0; row < matrix.rows; row++) dequantizeRow(matrix, row, values, row * matrix.columns)
  return values
}

function gridOfFile({ scales, zeroPoints }: QuantizedMatrix): Grid {
  return {
    scales: scales.map((scale) => (scale === 0 ? smallestScale : scale)),
    zeroPoints: zeroPoints?.slice() ?? new Float32Array(scales.length).fill(8),
  }
}

/** Grids of 4 codes near the file's values. */
function fittedGrid(values: Float32Array, { scales, zeroPoints, blockSize }: QuantizedMatrix): Grid {
  const grid: Grid = {
    scales: new Float32Array(scales.length),
    zeroPoints: new Float32Array(scales.length),
  }
  const middle = 1.5
  for (let block = 0; block < scales.length; block++) {
    const ofBlock = values.subarray(block * blockSize, (block + 1) * blockSize)
    const range = { largest: 3, middle: zeroPoints === null ? middle : null }
    const fitted = fitBlock(ofBlock, range, [])
    const scale = fitted.scale === 0 ? smallestScale : fitted.scale
    grid.scales[block] = scale
    grid.zeroPoints[block] = zeroPoints === null ? middle : -fitted.minimum / scale
  }
  return grid
}

function trained(name: string, shape: readonly number[], values: Float32Array): TrainedTensor {
  return { name, shape, values, gradient: new Float32Array(values.length) }
}
