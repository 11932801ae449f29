import { onTestFinished } from 'vitest'
import { BlockRunner } from '../../core/engine/block-runner.js'
import type { LoadedModel } from '../../core/engine/loaded-model.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import { randomNumbers } from './random-numbers.js'

/** Hidden states after all blocks, of a random one before them. */
export async function hiddenAfter(model: LoadedModel): Promise<Float32Array> {
  const random = randomNumbers(9)
  const { width, layerCount } = model.description
  const hidden = { data: new Float32Array(6 * width).map(() => random.symmetric()), batch: 2, sequence: 3 }
  const runner = new BlockRunner(openCpuDevice({ threads: 1 }), model)
  onTestFinished(() => runner.close())
  return (await runner.run(hidden, 0, layerCount)).data.slice()
}
