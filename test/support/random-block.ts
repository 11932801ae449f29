import { ropeTables } from '../../core/engine/rope-tables.js'
import type { BlockVariant } from '../../core/graph/block-graph.js'
import type { LinearFormat } from '../../core/graph/linear.js'
import { plainLayer } from '../../core/graph/operators/layer-kind.js'
import {
  linearNames,
  linearShape,
  normLength,
  type LinearName,
  type VectorName,
  type ModelDescription,
} from '../../core/model/description.js'
import { codeTable } from '../../core/quantization/code-tables/code-table.js'
import { floatToHalf, halfToFloat } from '../../core/quantization/half-float.js'
import type { Tensor, Tensors } from '../../core/runtime/device.js'
import { randomNumbers, type RandomNumbers } from './random-numbers.js'
import { referenceBlock } from './reference-model.js'

/** A batch's shape; the last example ends `padding` positions before the others. */
export interface BatchShape {
  readonly batch: number
  readonly sequence: number
  readonly padding: number
}

/** A block with random weights and a random batch, as the graphs take them and as a loss in float64. */
export interface RandomBlock {
  /** Inputs of the forward graph. */
  readonly tensors: Tensors
  /** Also `nextGradient`, an input of the backward graph only. */
  readonly nextGradient: Tensor<'float32'>
  /** Everything that has a gradient, by its name in the graph; `NAME.weights` of codes is a change of 0. */
  readonly parameters: Readonly<Record<string, Float64Array>>
  /** Σ nextGradient ∘ nextHidden. */
  readonly loss: () => number
}

export function randomBlock(
  model: ModelDescription,
  variant: BlockVariant,
  shape: BatchShape,
  seed: number,
): RandomBlock {
  const random = randomNumbers(seed)
  const tensors: Record<string, Tensor> = {}
  const parameters: Record<string, Float64Array> = {}
  const float = (name: string, dims: readonly number[], value: (index: number) => number): void => {
    const data = new Float32Array(dims.reduce((x, y) => x * y)).map((_, index) => value(index))
    tensors[name] = { type: 'float32', data, shape: dims }
    parameters[name] = Float64Array.from(data)
  }
  const { batch, sequence } = shape
  const hiddenShape = [batch, sequence, model.width]
  const around = (center: number, spread: number) => () => center + spread * random.symmetric()
  float('hidden', hiddenShape, around(0, 2))
  for (const name of model.norms) {
    float(name, [normLength(model, name)], around(1, 0.3))
    if (model.normKind === 'layer') float(`${name}.bias`, [normLength(model, name)], around(0, 0.5))
  }
  for (const name of linearNames) addLinear(name)

  const gradient = new Float32Array(batch * sequence * model.width)
  for (let token = 0; token < batch * sequence; token++) {
    const isPadding = token >= batch * sequence - shape.padding
    for (let i = 0; i < model.width; i++)
      gradient[token * model.width + i] = isPadding ? 0 : random.symmetric()
  }
  const { cosines, sines } = ropeTables(model.rope, sequence)
  const tableShape = [sequence, model.rope.dimensions / 2]
  tensors.cosines = { type: 'float32', data: cosines, shape: tableShape }
  tensors.sines = { type: 'float32', data: sines, shape: tableShape }
  tensors.lastPositions = { type: 'int32', data: new Int32Array(batch).fill(sequence - 1), shape: [batch] }
  tensors.totalLength = { type: 'int32', data: Int32Array.of(sequence), shape: [1] }
  return {
    tensors,
    nextGradient: { type: 'float32', data: gradient, shape: hiddenShape },
    parameters,
    loss: () => referenceLoss(model, variant, shape, parameters, tensors, gradient),
  }

  function addLinear(name: LinearName): void {
    const { rows, columns } = linearShape(model, name)
    addWeights(name, variant.formats[name], rows, columns)
    if (model.biases.includes(name)) float(`${name}.bias`, [rows], around(0, 0.5))
    if (variant.factors !== 'none') float(`${name}.rowFactors`, [1, 1, rows], around(1, 0.3))
    if (variant.factors === 'rowsAndColumns') float(`${name}.columnFactors`, [1, 1, columns], around(1, 0.3))
    const branch = variant.lowRank?.[name]
    if (branch === undefined) return
    float(`${name}.loraA`, [branch.rank, columns], around(0, 1 / Math.sqrt(columns)))
    float(`${name}.loraB`, [rows, branch.rank], around(0, 0.5))
  }

  function addWeights(name: LinearName, format: LinearFormat, rows: number, columns: number): void {
    const spread = Math.sqrt(3 / columns)
    if (format.kind === 'float32') {
      float(`${name}.weights`, [rows, columns], around(0, spread))
      return
    }
    if (format.kind === 'float16') {
      const data = new Uint16Array(rows * columns).map(() => floatToHalf(spread * random.symmetric()))
      tensors[`${name}.weights`] = { type: 'float16', data, shape: [rows, columns] }
      parameters[`${name}.weights`] = Float64Array.from(data, halfToFloat)
      return
    }
    const { bits, blockSize } = format
    const blocks = columns / blockSize
    const codes = randomBytes(random, (rows * columns * bits) / 8)
    tensors[`${name}.codes`] = { type: 'uint8', data: codes, shape: [rows, blocks, (blockSize * bits) / 8] }
    float(`${name}.scales`, [rows, blocks], () => (spread * (1 + 0.2 * random.symmetric())) / 2 ** (bits - 1))
    const middle = bits === 4 ? 7.5 : 126
    if ((bits === 4 && format.table === undefined) || format.hasZeroPoints)
      float(`${name}.zeroPoints`, [rows, blocks], around(middle, format.hasZeroPoints ? 1 : 0))
    parameters[`${name}.weights`] = new Float64Array(rows * columns)
    if (!variant.unpacked?.includes(name)) return
    const of = (part: string): Float64Array | undefined => parameters[`${name}.${part}`]
    const values = Float32Array.from(referenceWeights(format, columns, of, tensors[`${name}.codes`]))
    tensors[`${name}.weights`] = { type: 'float32', data: values, shape: [rows, columns] }
  }
}

function randomBytes(random: RandomNumbers, length: number): Uint8Array {
  return new Uint8Array(length).map(() => random.below(256))
}

function referenceLoss(
  model: ModelDescription,
  variant: BlockVariant,
  { batch, sequence }: BatchShape,
  parameters: Readonly<Record<string, Float64Array>>,
  tensors: Tensors,
  gradient: Float32Array,
): number {
  const linears = Object.fromEntries(
    linearNames.map((name) => [name, referenceLinear(model, variant, name, parameters, tensors)]),
  )
  const { window, isRotated } = variant.kind ?? plainLayer
  const layer = { window, rope: isRotated ? model.rope : null }
  const vectorOf = (name: VectorName): Float64Array => parameters[name]
  let loss = 0
  for (let example = 0; example < batch; example++) {
    const first = example * sequence
    const hidden = Array.from({ length: sequence }, (_, position) =>
      parameters.hidden.slice((first + position) * model.width, (first + position + 1) * model.width),
    )
    referenceBlock(model, layer, vectorOf, hidden, (x, name) => linears[name](x)).forEach(
      (next, position) => {
        next.forEach((value, i) => (loss += value * gradient[(first + position) * model.width + i]))
      },
    )
  }
  return loss
}

function referenceLinear(
  model: ModelDescription,
  variant: BlockVariant,
  name: LinearName,
  parameters: Readonly<Record<string, Float64Array | undefined>>,
  tensors: Tensors,
): (x: Float64Array) => Float64Array {
  const { rows, columns } = linearShape(model, name)
  const of = (part: string): Float64Array | undefined => parameters[`${name}.${part}`]
  const weights = referenceWeights(variant.formats[name], columns, of, tensors[`${name}.codes`])
  const [rowFactors, columnFactors, bias] = [of('rowFactors'), of('columnFactors'), of('bias')]
  const [down, up] = [of('loraA'), of('loraB')]
  const { rank = 0, scale = 0 } = variant.lowRank?.[name] ?? {}
  return (x) => {
    const scaled = columnFactors ? x.map((value, i) => value * columnFactors[i]) : x
    const low = down ? times(down, x, rank) : null
    const branch = low && up ? times(up, low, rows) : null
    return times(weights, scaled, rows).map(
      (value, row) => value * (rowFactors?.[row] ?? 1) + scale * (branch?.[row] ?? 0) + (bias?.[row] ?? 0),
    )
  }
}

/** (code − zeroPoint) · scale or level · scale, plus the change that the gradient of `NAME.weights` is of. */
function referenceWeights(
  format: LinearFormat,
  columns: number,
  of: (part: string) => Float64Array | undefined,
  codes: Tensor | undefined,
): Float64Array {
  const change = of('weights') ?? new Float64Array(0)
  if (format.kind !== 'quantized') return change
  const { bits, blockSize } = format
  const levels = format.table && codeTable(format.table, blockSize)
  const [scales, zeroPoints, bytes] = [of('scales'), of('zeroPoints'), codes?.data as Uint8Array]
  return change.map((extra, index) => {
    const block =
      Math.floor(index / columns) * (columns / blockSize) + Math.floor((index % columns) / blockSize)
    const code = bits === 8 ? bytes[index] : (bytes[index >> 1] >> (4 * (index & 1))) & 15
    const level = levels?.[code] ?? code - (zeroPoints?.[block] ?? 128)
    return level * (scales?.[block] ?? NaN) + extra
  })
}

function times(matrix: Float64Array, x: Float64Array, rows: number): Float64Array {
  const result = new Float64Array(rows)
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let column = 0; column < x.length; column++) sum += matrix[row * x.length + column] * x[column]
    result[row] = sum
  }
  return result
}
