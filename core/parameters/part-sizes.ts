import { isGraphModel, type TrainableModel } from '../engine/graph-model.js'
import type { LoadedModel } from '../engine/loaded-model.js'
import { linearNames, linearShape, normNames, type LinearName } from '../model/description.js'
import type { TrainedPartSettings } from '../schema/trained-part.js'
import { columnBlock } from './fold-factors.js'
import type { TrainedLayers } from './trained-layers.js'

/** A trained tensor that was not made. */
export interface TensorSize {
  readonly shape: readonly number[]
  /** Bytes beside each number's value and gradient: factors made of values, matrices made of codes. */
  readonly besideBytes: number
}

/**
 * The tensors that `createPart` would make, in order, from what a file's header says: for plans, which make nothing. A part
 * that finds nothing to train has none.
 */
export function partSizes(
  part: TrainedPartSettings,
  model: TrainableModel,
  { firstLayer, endLayer }: TrainedLayers,
): TensorSize[] {
  if (isGraphModel(model)) return model.scales.map(({ shape }) => ({ shape, besideBytes: 8 }))
  const layers = Array.from({ length: endLayer - firstLayer }, (_, index) => firstLayer + index)
  if (part.kind === 'soft-prompt') {
    return [{ shape: [part.tokens.length, model.description.width], besideBytes: 8 }]
  }
  return layers.flatMap((layer) => layerSizes(part, model, layer))
}

function layerSizes(
  part: Exclude<TrainedPartSettings, { kind: 'soft-prompt' }>,
  model: LoadedModel,
  layer: number,
): TensorSize[] {
  const { vectors } = model.blocks[layer]
  const ofLinears = (of: (linear: LinearSize) => TensorSize[]): TensorSize[] =>
    linearNames.flatMap((name) => of(linearSize(model, layer, name)))
  switch (part.kind) {
    case 'factors':
      return ofLinears(({ rows, columns }) => [
        { shape: [rows], besideBytes: 4 },
        ...(part.hasColumns ? [{ shape: [columns / columnBlock], besideBytes: 4 + 4 * columnBlock }] : []),
      ])
    case 'scales':
      return ofLinears(({ blocks }) => (blocks === 0 ? [] : [{ shape: [blocks], besideBytes: 8 }]))
    case 'zero-points':
      return ofLinears(({ blocks, hasZeroPoints }) =>
        hasZeroPoints ? [{ shape: [blocks], besideBytes: 4 }] : [],
      )
    case 'norms':
      return normNames.flatMap((name) => vectorSize(vectors.get(name), 8))
    case 'biases':
      return [...vectors].flatMap(([name, vector]) => (name.endsWith('.bias') ? vectorSize(vector, 4) : []))
    case 'low-rank':
      return ofLinears(({ name, rows, columns }) =>
        part.linears.includes(name)
          ? [
              { shape: [part.rank, columns], besideBytes: 0 },
              { shape: [rows, part.rank], besideBytes: 0 },
            ]
          : [],
      )
    case 'master-weights':
      return ofLinears(({ name, rows, columns, blocks, hasZeroPoints }) => {
        if (!part.linears.includes(name) || blocks === 0) return []
        const blockBytes = (rows * columns) / 2 / blocks + (hasZeroPoints ? 8 : 4) + 16
        const ofGrid = [{ shape: [blocks], besideBytes: 4 }]
        return [
          { shape: [rows, columns], besideBytes: (blockBytes * blocks) / (rows * columns) },
          ...(part.trainsGrid ? [...ofGrid, ...(hasZeroPoints ? ofGrid : [])] : []),
        ]
      })
  }
}

function vectorSize(vector: Float32Array | undefined, besideBytes: number): TensorSize[] {
  return vector === undefined ? [] : [{ shape: [vector.length], besideBytes }]
}

/** A linear as far as its header says; without blocks where it is not quantized. */
interface LinearSize {
  readonly name: LinearName
  readonly rows: number
  readonly columns: number
  readonly blocks: number
  readonly hasZeroPoints: boolean
}

function linearSize({ description, blocks }: LoadedModel, layer: number, name: LinearName): LinearSize {
  const { rows, columns } = linearShape(description, name)
  const format = blocks[layer].stored.formats[name]
  const isQuantized = format.kind === 'quantized'
  return {
    ...{ name, rows, columns },
    blocks: isQuantized ? (rows * columns) / format.blockSize : 0,
    hasZeroPoints: isQuantized && format.hasZeroPoints,
  }
}
