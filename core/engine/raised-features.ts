import type { BlockRunner } from './block-runner.js'
import type { Overrides } from './overrides.js'
import type { FeatureSource } from './scorer.js'

/** Hidden states that enter `layer`, computed from those that enter a lower one, by the layers between as `overrides` has them. */
export function raisedFeatures(
  below: FeatureSource,
  runner: BlockRunner,
  layer: number,
  overrides: Overrides,
): FeatureSource {
  return {
    layer,
    hidden: async (rows) =>
      runner.run(await below.hidden(rows), below.layer, layer, (each) => overrides(each, null)),
  }
}
