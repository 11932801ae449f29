import { stepGain } from '../optimizer/slope-signal.js'
import type { LayerSignal } from '../schema/layer-choice.js'

/** Layers first … end − 1. */
export type LayerGroup = Pick<LayerSignal, 'firstLayer' | 'endLayer'>

/** The layers from the first one up, and what they keep. */
export interface CheapestLayers {
  readonly firstLayer: number
  /** Of what a step over the best set of upper layers gains. */
  readonly keptShare: number
}

/**
 * The fewest upper layers that keep a share of what a step gains. A forward pass costs as many layers as lie above the first
 * trained one, since those below run once, into a cache; so sets that end below the top are no cheaper.
 *
 * The signals and noises of layers add up to those of a set. Where nothing has a signal, all layers stay.
 *
 * @param groups neighbouring layers, from the lowest up
 */
export function cheapestLayers(groups: readonly LayerSignal[], share: number): CheapestLayers {
  const gains = groups.map((_, first) => {
    const upper = groups.slice(first)
    return stepGain({
      signal: upper.reduce((sum, { signal }) => sum + signal, 0),
      noise: upper.reduce((sum, { noise }) => sum + noise, 0),
    })
  })
  const best = Math.max(...gains)
  const found = best === 0 ? 0 : gains.findLastIndex((gain) => gain >= share * best)
  return { firstLayer: groups[found].firstLayer, keptShare: best === 0 ? 1 : gains[found] / best }
}

/** Cuts layers into at most `most` groups of equal size; the lowest may be smaller. */
export function layerGroups(layerCount: number, most: number): readonly LayerGroup[] {
  const size = Math.ceil(layerCount / most)
  return Array.from({ length: Math.ceil(layerCount / size) }, (_, index) => ({
    firstLayer: Math.max(0, layerCount - (index + 1) * size),
    endLayer: layerCount - index * size,
  })).reverse()
}
