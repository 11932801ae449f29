import type { LoadedModel } from '../../core/engine/loaded-model.js'

/** What a model's blocks hold, however they are read. */
export function weightsOf({ blocks }: Pick<LoadedModel, 'blocks'>): unknown {
  return blocks.map(({ linears, vectors }) => [linears, vectors])
}
