import type { Example, Objective } from '../data/example.js'
import type { Device } from '../runtime/device.js'
import type { Hidden } from './block-runner.js'
import type { ExampleScore } from './example-score.js'
import { GradientRunner, type InputGradients } from './gradient-runner.js'
import { statesInMemory, type KeptStates } from './kept-states.js'
import { labelGradient } from './label-gradient.js'
import type { LossGradient } from './loss-gradient.js'
import { ReusedBuffer } from './reused-buffer.js'
import { runChunks } from './run-chunks.js'
import { hasSingleTokenLabels, scoredRows } from './scored-row.js'
import { featureRows, type Overrides, type ScorerOptions } from './scorer.js'
import { tokenGradient } from './token-gradient.js'
import { VocabularyHeadGradient } from './vocabulary-head-gradient.js'

export interface GradientEngineOptions extends ScorerOptions {
  readonly device: Device
  /** Where the states that enter blocks are kept, closed with the engine; in memory and exactly, unless said. */
  readonly kept?: KeptStates
}

/**
 * Exact gradients of a batch's mean loss at the memory of inference. The forward pass keeps what enters each trained block;
 * from the last block down, a backward graph recomputes the block from that and gives the gradients of its inputs.
 *
 * Source: recomputation from checkpoints, Chen et al. 2016, arXiv:1604.06174, with a checkpoint a block.
 */
export class GradientEngine {
  readonly #options: GradientEngineOptions
  readonly #runner: GradientRunner
  readonly #kept: KeptStates
  readonly #headGradient: VocabularyHeadGradient
  readonly #lossGradient: LossGradient
  readonly #lastGradient = new ReusedBuffer()

  constructor(options: GradientEngineOptions) {
    const { device, runner, model, tokensPerRun } = options
    this.#options = options
    this.#runner = new GradientRunner(device, runner.inputs)
    this.#kept = options.kept ?? statesInMemory('float32', tokensPerRun * model.description.width)
    this.#headGradient = new VocabularyHeadGradient(device, model)
    this.#lossGradient = lossGradientOf(options, this.#headGradient)
  }

  /**
   * Scores of `batch` at the state that `overrides` describes, and the gradient of their mean loss there: the mean over
   * examples for labels, over all scored tokens of the batch for sequences.
   *
   * @param wanted inputs of a layer's graph whose gradients are asked for; none below the layer of the features.
   *   `hidden`, what enters the layer, may be asked of the lowest one; a layer above has it where the sweep needs it
   * @param collect takes them, once a layer and run of a part of the batch, from the last layer down: the gradient is the
   *   sum of all that comes. They are valid during the call
   */
  async gradients(
    batch: readonly Example[],
    overrides: Overrides,
    wanted: (layer: number) => readonly string[],
    collect: (layer: number, gradients: InputGradients) => void,
  ): Promise<ExampleScore[]> {
    const { features, model, runner, objective, tokensPerRun } = this.#options
    const { layerCount } = model.description
    const lowest = lowestLayer(features.layer, layerCount, wanted)
    const share = 1 / lossTerms(batch, objective)
    const scores: ExampleScore[] = []
    for (const { examples } of runChunks(batch, objective, 1, tokensPerRun)) {
      const last = await runner.run(
        await features.hidden(featureRows(examples)),
        features.layer,
        layerCount,
        (layer) => overrides(layer, null),
        (layer, state) => {
          if (layer >= lowest) this.#kept.keep(layer, state)
        },
      )
      const gradient = this.#lastGradient.take(last.data.length).fill(0)
      scores.push(...(await this.#lossGradient(examples, last, share, gradient)))
      await this.#sweep({ ...last, data: gradient }, lowest, overrides, wanted, collect)
    }
    return scores
  }

  /** Frees the sessions of the backward graphs, and the kept states. */
  async close(): Promise<void> {
    this.#kept.close()
    await this.#runner.close()
    await this.#headGradient.close()
  }

  /** From the last layer down to the lowest trained one; below it nothing runs. */
  async #sweep(
    { data, batch, sequence }: Hidden,
    lowest: number,
    overrides: Overrides,
    wanted: (layer: number) => readonly string[],
    collect: (layer: number, gradients: InputGradients) => void,
  ): Promise<void> {
    let gradient = data
    for (let layer = this.#options.model.description.layerCount - 1; layer >= lowest; layer--) {
      const asked = wanted(layer)
      const gradients = await this.#runner.run(
        layer,
        { data: this.#kept.take(layer, data.length), batch, sequence },
        gradient,
        overrides(layer, null),
        layer > lowest && !asked.includes('hidden') ? ['hidden', ...asked] : asked,
      )
      if (asked.length > 0) collect(layer, gradients)
      gradient = gradients.hidden
    }
  }
}

/** The first layer that something is wanted of; the number of layers where nothing is. */
function lowestLayer(
  first: number,
  layerCount: number,
  wanted: (layer: number) => readonly string[],
): number {
  let layer = first
  while (layer < layerCount && wanted(layer).length === 0) layer++
  return layer
}

/** How many equal terms the batch's loss is the mean of: examples for labels, scored tokens for sequences. */
function lossTerms(batch: readonly Example[], objective: Objective): number {
  if (objective.kind === 'labels') return batch.length
  return batch
    .flatMap((example) => scoredRows(example, objective))
    .reduce((sum, { positions }) => sum + positions.length, 0)
}

function lossGradientOf(
  { model, objective, vocabularyHead }: GradientEngineOptions,
  headGradient: VocabularyHeadGradient,
): LossGradient {
  if (objective.kind === 'labels' && hasSingleTokenLabels(objective)) {
    return labelGradient(
      model,
      objective.options.map(({ tokens }) => tokens[0]),
    )
  }
  return tokenGradient(model.description.width, vocabularyHead, headGradient)
}
