import type { FloatBlock, GroupInputs } from '../../engine/float-block-runner.js'
import type { OutputError } from '../../engine/output-error.js'
import type { LoadedModel } from '../../engine/loaded-model.js'
import {
  linearShape,
  type LinearName,
  type ModelDescription,
  type NormName,
} from '../../model/description.js'
import { linearGroups, type LinearGroup } from '../../model/linear-groups.js'
import { channelScales, scaleExponents } from '../../quantization/awq/channel-scales.js'
import { vectorTensorName } from '../../model/tensor-names.js'
import { encodeVector } from '../../quantization/encode-matrix.js'
import { roundedMatrix, type EvenTensor } from '../../quantization/rounded-matrix.js'
import { multiplyColumns } from './columns.js'
import type { RoundedTypes } from './rounded-types.js'
import type { RoundedTensors } from './rounded-tensors.js'

/** What gives a group of linears its inputs, and can be divided instead of them. */
export const inputSources: Readonly<
  Record<
    LinearGroup,
    | { readonly kind: 'norm'; readonly name: NormName }
    | { readonly kind: 'linear'; readonly name: LinearName }
  >
> = {
  attn_q: { kind: 'norm', name: 'attn_norm' },
  attn_output: { kind: 'linear', name: 'attn_v' },
  ffn_gate: { kind: 'norm', name: 'ffn_norm' },
  ffn_down: { kind: 'linear', name: 'ffn_up' },
}

/** Where a group of linears is. */
export interface GroupPlace {
  readonly model: LoadedModel
  readonly layer: number
  readonly group: LinearGroup
}

/** Rows of a linear by which exponents are compared, evenly spread. */
const comparedRows = 128

/**
 * Scales the columns of a group of linears by the size of what they meet, and divides what gives them that, so that in floats the
 * block computes what it did: of twenty exponents, that with which a search block by block changes the outputs least.
 *
 * Values pass through attention, and the upper half of the gated product through the gate, channel by channel, so that the rows of their
 * linears are divided; heads that share values share scales.
 *
 * Source: AWQ, Lin et al. 2023, arXiv:2306.00978, section 3.2.
 *
 * A group stays as it is where the model has no norm there, or where something of this is not rounded.
 *
 * @param block changed in place, and the moments of `inputs` with it
 * @param rounded given the vectors that change
 * @throws EngineError 'file-unwritable'
 */
export async function scaleInputs(
  { model, layer, group }: GroupPlace,
  block: FloatBlock,
  inputs: GroupInputs,
  types: RoundedTypes,
  outputError: OutputError,
  rounded: RoundedTensors,
): Promise<void> {
  const { description } = model
  const source = inputSources[group]
  const tensors = linearGroups[group].flatMap((name) => types[name] ?? [])
  const isRounded = tensors.length === linearGroups[group].length
  const canDivide =
    source.kind === 'norm' ? description.norms.includes(source.name) : types[source.name] !== null
  if (!isRounded || !canDivide) return
  const channels = sourceChannels(description, group)
  const scalesOfSource = await bestScales(group, channels, block, inputs, tensors, outputError)
  const scales = Float32Array.from(channels, (channel) => scalesOfSource[channel])
  for (const name of linearGroups[group]) multiplyColumns(block.linears[name], scales)
  divideMoments(inputs.moments, scales)
  if (source.kind === 'linear') divideRows(block.linears[source.name], scalesOfSource)
  const vectors =
    source.kind === 'norm' ? [source.name, `${source.name}.bias` as const] : [`${source.name}.bias` as const]
  for (const name of vectors) {
    const vector = block.vectors.get(name)
    if (vector === undefined) continue
    vector.forEach((value, at) => (vector[at] = value / scalesOfSource[at]))
    const outline = {
      name: vectorTensorName(layer, name),
      type: 'F32',
      shape: [vector.length],
      byteLength: 4 * vector.length,
    }
    rounded.keep(outline.name, encodeVector(outline, vector))
  }
}

/** Scales of the channels of what gives the inputs, by the exponent that is best for them. */
async function bestScales(
  group: LinearGroup,
  channels: Uint32Array,
  { linears }: FloatBlock,
  { moments, sizes }: GroupInputs,
  tensors: readonly EvenTensor[],
  outputError: OutputError,
): Promise<Float32Array> {
  const sizesOfSource = meanByChannel(sizes, channels)
  const samples = linearGroups[group].map((name, index) => sampledRows(tensors[index], linears[name]))
  let least = Infinity
  let best: Float32Array = new Float32Array(sizesOfSource.length).fill(1)
  for (const exponent of scaleExponents) {
    const scales = channelScales(sizesOfSource, exponent)
    const ofColumns = Float32Array.from(channels, (channel) => scales[channel])
    let error = 0
    for (const { tensor, weights } of samples) {
      const difference = scaledDifference(tensor, weights, ofColumns)
      error += await outputError.of(difference, moments, channels.length)
    }
    if (!(error < least)) continue
    least = error
    best = scales
  }
  return best
}

/** Which channel of what gives the inputs each of them comes from. */
function sourceChannels(model: ModelDescription, group: LinearGroup): Uint32Array {
  const { columns } = linearShape(model, group)
  const channels = Uint32Array.from({ length: columns }, (_, channel) => channel)
  if (group !== 'attn_output') return channels
  const { headWidth, headCount, kvHeadCount } = model
  const headsOfValues = headCount / kvHeadCount
  return channels.map((channel) => {
    const head = Math.floor(channel / headWidth)
    return Math.floor(head / headsOfValues) * headWidth + (channel % headWidth)
  })
}

function meanByChannel(sizes: Float32Array, channels: Uint32Array): Float32Array {
  const count = channels.reduce((most, channel) => Math.max(most, channel + 1), 0)
  const means = new Float32Array(count)
  // Every channel has as many inputs.
  sizes.forEach((size, at) => (means[channels[at]] += (size * count) / sizes.length))
  return means
}

/** Some rows of a linear, as a matrix of its type. */
function sampledRows(
  tensor: EvenTensor,
  weights: Float32Array,
): { readonly tensor: EvenTensor; readonly weights: Float32Array } {
  const [rows, columns] = tensor.shape
  const stride = Math.max(1, Math.floor(rows / comparedRows))
  const count = Math.ceil(rows / stride)
  const sample = new Float32Array(count * columns)
  for (let row = 0; row < count; row++) {
    const start = row * stride * columns
    sample.set(weights.subarray(start, start + columns), row * columns)
  }
  const byteLength = (tensor.byteLength / rows) * count
  return { tensor: { ...tensor, shape: [count, columns], byteLength }, weights: sample }
}

/** What rounding W · s and dividing by s does to W. */
function scaledDifference(tensor: EvenTensor, weights: Float32Array, scales: Float32Array): Float32Array {
  const scaled = weights.slice()
  multiplyColumns(scaled, scales)
  const { stored } = roundedMatrix(tensor, scaled, 'search')
  const columns = scales.length
  for (let at = 0; at < stored.length; at++) stored[at] = stored[at] / scales[at % columns] - weights[at]
  return stored
}

/** Σ x xᵀ of the inputs divided by s. */
function divideMoments(moments: Float32Array, scales: Float32Array): void {
  const size = scales.length
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) moments[row * size + column] /= scales[row] * scales[column]
  }
}

function divideRows(weights: Float32Array, scales: Float32Array): void {
  const columns = weights.length / scales.length
  for (let at = 0; at < weights.length; at++) weights[at] /= scales[Math.floor(at / columns)]
}
