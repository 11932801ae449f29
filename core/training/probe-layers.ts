import { trainingBatches } from '../data/batches.js'
import type { Example } from '../data/example.js'
import { BaseMargins } from '../engine/base-margins.js'
import { BlockRunner } from '../engine/block-runner.js'
import type { OpenModel } from '../engine/open-model.js'
import type { Overrides } from '../engine/overrides.js'
import { RisingFeatures } from '../engine/rising-features.js'
import { runChunks } from '../engine/run-chunks.js'
import { Scorer, type ScorerOptions } from '../engine/scorer.js'
import { VocabularyHead } from '../engine/vocabulary-head.js'
import { askBase } from '../evaluation/ask-base.js'
import { slopeSignal } from '../optimizer/slope-signal.js'
import type { Probe, TrainedParameters } from '../parameters/trained-parameters.js'
import { deriveSeed } from '../random/derive-seed.js'
import type { Device } from '../runtime/device.js'
import type { TrainJob } from '../schema/job.js'
import type { LayerChoice } from '../schema/layer-choice.js'
import { requestIssue } from '../schema/request-issues.js'
import { cheapestLayers, layerGroups, type CheapestLayers, type LayerGroup } from './cheapest-layers.js'
import { deviceOfJob } from './device-of-job.js'
import type { RunData } from './open-data.js'
import { createProbedParameters } from './recipes.js'

/** What layers are probed with. */
export interface LayerProbing {
  /** Of a recipe by forward passes, on all layers that may be trained. */
  readonly job: TrainJob
  readonly model: OpenModel
  readonly data: RunData
  readonly device: Device
}

/** How far probing is, in rows times groups of layers. */
export interface LayerProgress {
  readonly done: number
  readonly total: number
}

/** The layers to train, and why. */
export interface ProbedLayers extends Pick<CheapestLayers, 'firstLayer'> {
  readonly choice: LayerChoice
}

/** Keeps these directions apart from those of steps. */
const purpose = 0x1a7e5
const directionCount = 8
const rowsPerDirection = 16
const mostGroups = 10
/** Of what a step gains. */
const wantedShare = 0.8

/**
 * Measures how much of a slope rows have in common, layer by layer, and chooses the upper layers that keep most of it. Along each of
 * some directions the losses of a batch are measured on both sides, in one group of layers after the other; what enters a
 * group is computed from what entered the one below. The same job, model and rows give the same choice.
 *
 * @returns yields how far it is
 * @throws EngineError 'request-invalid' for a recipe by exact gradients
 */
export async function* probeLayers(context: LayerProbing): AsyncGenerator<LayerProgress, ProbedLayers> {
  const { job, model } = context
  const device = deviceOfJob(context.device, job)
  const { layerCount } = model.model.description
  const groups = layerGroups(layerCount, mostGroups)
  const runner = new BlockRunner(device, model.model, job.precision)
  const vocabularyHead = new VocabularyHead(device, model.model)
  try {
    const slopes = yield* slopesOfGroups(context, groups, { runner, vocabularyHead })
    const found = groups.map((group, index) => ({ ...group, ...slopeSignal(slopes[index]) }))
    const { firstLayer, keptShare } = cheapestLayers(found, wantedShare)
    const forwardPasses = directionCount * passesOfDirection(groups, layerCount)
    return { firstLayer, choice: { wantedShare, keptShare, forwardPasses, groups: found } }
  } finally {
    await runner.close()
    await vocabularyHead.close()
  }
}

/** Slopes by group, direction and row. */
async function* slopesOfGroups(
  { job, model: { model }, data }: LayerProbing,
  groups: readonly LayerGroup[],
  ofModel: Pick<ScorerOptions, 'runner' | 'vocabularyHead'>,
): AsyncGenerator<LayerProgress, number[][][]> {
  const { recipe, seed, tokensPerRun } = job
  if (recipe.estimator !== 'probes') throw requestIssue('layers-of-exact', { recipe: recipe.name })
  const { objective, examples } = data.train.dataset
  const features = new RisingFeatures(model, ofModel.runner)
  const baseMargins = new BaseMargins()
  const ofBase = { ...ofModel, model, objective, features, tokensPerRun }
  const scorer = new Scorer({ ...ofBase, baseMargins })
  const parameters = createProbedParameters(recipe, model)
  const ofRun = trainingBatches(examples, Math.min(rowsPerDirection, examples.length), seed)
  const batches = Array.from({ length: directionCount }, (_, direction) => ofRun.at(direction))
  const slopes = groups.map(() => Array.from({ length: directionCount }, (): number[] => []))
  const total = groups.length * batches.reduce((sum, batch) => sum + batch.length, 0)
  let done = 0
  for (const [direction, batch] of batches.entries()) {
    features.riseTo(0)
    if (objective.kind === 'preference') await askAbout(new Scorer(ofBase), batch, baseMargins)
    for (const chunk of runChunks(batch, objective, 2, tokensPerRun)) {
      const rows = chunk.examples.map(({ example }) => example)
      for (const [index, { firstLayer, endLayer }] of groups.entries()) {
        features.riseTo(firstLayer)
        const layers = new Set(Array.from({ length: endLayer - firstLayer }, (_, i) => firstLayer + i))
        const probe = {
          seed: deriveSeed(seed, purpose, direction),
          epsilon: recipe.perturbationScale,
          layers,
        }
        slopes[index][direction].push(...(await slopesOf(scorer, rows, parameters, probe)))
        done += rows.length
        yield { done, total }
      }
    }
  }
  return slopes
}

/** (l⁺ − l⁻) / 2ε of each row, along the one direction of the probe. */
async function slopesOf(
  scorer: Scorer,
  rows: readonly Example[],
  parameters: TrainedParameters,
  probe: Probe,
): Promise<number[]> {
  const [plus, minus] =
    parameters.lanes === 'example'
      ? await scorer.scoreBothWays(rows, inOneLane(parameters.overrides(probe)))
      : await scorer.scoreEach(rows, [parameters.overrides(probe, 1), parameters.overrides(probe, -1)])
  return plus.map(({ loss }, row) => (loss - minus[row].loss) / (2 * probe.epsilon))
}

/** The same for rows that would each have a direction of their own. */
function inOneLane(overrides: Overrides): Overrides {
  return (layer, rows) => overrides(layer, rows?.map(({ sign }) => ({ lane: 0, sign })) ?? null)
}

/** Forward passes of the whole model: what enters the groups once, and both sides in each. */
function passesOfDirection(groups: readonly LayerGroup[], layerCount: number): number {
  return groups.reduce((sum, { firstLayer }) => sum + 2 * (1 - firstLayer / layerCount), 1)
}

async function askAbout(base: Scorer, pairs: readonly Example[], margins: BaseMargins): Promise<void> {
  const asking = askBase(base, pairs, margins)
  while ((await asking.next()).done !== true);
}
