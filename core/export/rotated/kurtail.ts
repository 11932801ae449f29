import { FloatBlockRunner } from '../../engine/float-block-runner.js'
import { readModel } from '../../engine/loaded-model.js'
import { noChanges } from '../../engine/model-changes.js'
import type { OpenGguf } from '../../formats/gguf/open-gguf.js'
import type { Device } from '../../runtime/device.js'
import { floatLayers } from '../calibrated/float-layer.js'
import { enteringStates } from '../calibrated/hidden-states.js'
import { foldNorms } from './fold-norms.js'
import { RotationLearner, type LearnedRotation, type MeanKurtosis } from './rotation-learner.js'
import { hadamardRotations, refuseUnturnable, type Rotations } from './rotations.js'
import { sampleLayer } from './sample-layer.js'
import { Samples } from './samples.js'

/** Rotations that were learned, with the kurtosis of what they turn. */
export interface LearnedRotations {
  readonly rotations: Rotations
  /** Of normed hidden states. */
  readonly residual: MeanKurtosis
  /** Of values, the mean over layers and heads. */
  readonly values: MeanKurtosis
}

/**
 * Learns the rotations of a model from what it reads, layer by layer: each R2 from what enters its layer's output product, and R1 from what
 * enters the linears after the norms of all layers.
 *
 * Source: KurTail, Akhondzadeh et al. 2025, arXiv:2503.01483. Its online rotations R3 and R4, which are products while a model runs, are
 * left out.
 *
 * Memory: 16,384 hidden states, a layer in floats and four square matrices of the width.
 *
 * @param rows at least one, all of one length
 * @param target beside which hidden states lie
 * @param onProgress told which of how many layers is read next, or which step of learning R1 follows; may throw to stop
 * @throws EngineError 'request-invalid' for a model that cannot be turned, 'file-unwritable', 'file-unreadable', 'model-malformed',
 *   'runtime-failed'
 */
export async function kurtailRotations(
  { source, file }: OpenGguf,
  device: Device,
  rows: readonly Int32Array[],
  target: string,
  onProgress: (what: 'layer' | 'step', done: number, count: number) => void = () => undefined,
): Promise<LearnedRotations> {
  const model = readModel(source, file)
  const { description } = model
  refuseUnturnable(description)
  const { layerCount, width, headWidth } = description
  const layerAt = floatLayers({ source, file, layerCount, changes: noChanges }, new Map(), model)
  const starts = hadamardRotations(description)
  const residual = new Samples(width)
  const ofValues: (readonly LearnedRotation[])[] = []
  const states = enteringStates(model, rows, target)
  const runner = new FloatBlockRunner(device, model)
  const learner = await RotationLearner.open(device)
  try {
    for (let layer = 0; layer < layerCount; layer++) {
      onProgress('layer', layer, layerCount)
      const block = layerAt(layer)
      foldNorms(block)
      const values = starts.values[layer].map(() => new Samples(headWidth))
      const tokenCount = rows.length * rows[0].length
      await sampleLayer(runner, layer, block, states, description, tokenCount, { residual, values })
      const learned: LearnedRotation[] = []
      for (const [head, samples] of values.entries()) {
        learned.push(await learner.learn(samples.split(), starts.values[layer][head]))
      }
      ofValues.push(learned)
      for (let run = 0; run < states.runCount; run++) {
        states.put(run, await runner.next(layer, block, states.take(run)))
      }
    }
    const ofResidual = await learner.learn(residual.split(), starts.residual, (step, count) =>
      onProgress('step', step, count),
    )
    return {
      rotations: {
        residual: ofResidual.rotation,
        values: ofValues.map((heads) => heads.map(({ rotation }) => rotation)),
      },
      residual: ofResidual.kurtosis,
      values: meanOf(ofValues.flat().map(({ kurtosis }) => kurtosis)),
    }
  } finally {
    states.close()
    await learner.close()
    await runner.close()
  }
}

function meanOf(all: readonly MeanKurtosis[]): MeanKurtosis {
  const mean = (name: keyof MeanKurtosis): number =>
    all.reduce((sum, each) => sum + each[name], 0) / all.length
  return { plain: mean('plain'), started: mean('started'), learned: mean('learned') }
}
