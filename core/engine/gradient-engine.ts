import type { Example, Objective, SequenceExample } from '../data/example.js'
import { freeTensor, type Device, type PlacedTensor } from '../runtime/device.js'
import { deviceOfLayer } from '../runtime/layer-devices.js'
import type { Hidden } from './block-runner.js'
import { divergenceGradient } from './divergence-gradient.js'
import type { ExampleScore } from './example-score.js'
import { GradientRunner, type InputGradients } from './gradient-runner.js'
import { statesInMemory, type KeptStates } from './kept-states.js'
import { keptByHost, keptByLayer, type KeptTensors } from './kept-tensors.js'
import { labelGradient } from './label-gradient.js'
import type { LossGradient } from './loss-gradient.js'
import { float32Tensor } from './matrix-tensors.js'
import { readTokens } from './read-tokens.js'
import { ReusedBuffer } from './reused-buffer.js'
import { runChunks, type ExampleRows, type RunChunk } from './run-chunks.js'
import { hasSingleTokenLabels, scoredRows } from './scored-row.js'
import type { Overrides } from './overrides.js'
import { featureRows, type ScorerOptions } from './scorer.js'
import { promptGradient, withoutPrompt, withPrompt } from './soft-prompt.js'
import { tokenGradient } from './token-gradient.js'
import { drawOf, ofChunk, type TokenSampling } from './token-sampling.js'
import { VocabularyHeadGradient } from './vocabulary-head-gradient.js'

export interface GradientEngineOptions extends ScorerOptions {
  readonly device: Device
  /** Where the states that enter blocks are kept, closed with the engine; unless said exactly, in the device's memory or ours. */
  readonly kept?: KeptStates
}

/** Names of a layer's graph inputs whose gradients are asked for; none for a layer that is not trained. */
export type WantedInputs = (layer: number) => readonly string[]

/** Takes gradients of a layer's inputs. */
export type CollectGradients = (layer: number, gradients: InputGradients) => void

/** How gradients go on their way down the blocks. */
export interface SweepOptions {
  /** Of the tokens for gradients of quantized weights, scales and zero points; null, unless said, for all tokens. */
  readonly sampling?: TokenSampling | null
  /** Multiplies gradients on their way, a power of two; what comes out is divided by it. 1 unless said. */
  readonly lossScale?: number
}

interface Sweep extends Required<SweepOptions> {
  readonly overrides: Overrides
  readonly wanted: WantedInputs
  readonly collect: CollectGradients
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
  readonly #kept: KeptTensors
  readonly #headGradient: VocabularyHeadGradient
  readonly #lossGradient: LossGradient
  readonly #lastGradient = new ReusedBuffer()
  readonly #entering = new ReusedBuffer()
  readonly #ofEntering = new ReusedBuffer()
  readonly #prompted = new ReusedBuffer()
  readonly #unprompted = new ReusedBuffer()
  readonly #unscaled = new ReusedBuffer()

  constructor(options: GradientEngineOptions) {
    const { device, runner, model, tokensPerRun } = options
    this.#options = options
    this.#runner = new GradientRunner(device, runner.inputs)
    const statesHere = (): KeptStates => statesInMemory('float32', tokensPerRun * model.description.width)
    const here = keptByHost(device, options.kept ?? statesHere())
    this.#kept = options.kept === undefined && device.hasMemory ? keptByLayer(device, here) : here
    this.#headGradient = new VocabularyHeadGradient(device, model)
    this.#lossGradient = lossGradientOf(options, this.#headGradient)
  }

  /**
   * Scores of `batch` at the state that `overrides` describes, and the gradient of their mean loss there: the mean over
   * examples for labels and pairs, over all scored tokens of the batch for sequences.
   *
   * @param wanted inputs of a layer's graph whose gradients are asked for; none below the layer of the features.
   *   `hidden` is what enters the layer, and `prompt`, of the first one, the vectors before every row
   * @param collect takes them, once a layer and run of a part of the batch, from the last layer down: the gradient is the
   *   sum of all that comes. They are valid during the call
   * @param options how gradients go on their way
   */
  async gradients(
    batch: readonly Example[],
    overrides: Overrides,
    wanted: WantedInputs,
    collect: CollectGradients,
    { sampling = null, lossScale = 1 }: SweepOptions = {},
  ): Promise<ExampleScore[]> {
    const share = 1 / lossTerms(batch, this.#options.objective)
    const scores: ExampleScore[] = []
    for (const { first, examples } of this.#chunks(batch, overrides)) {
      const entering = await this.#options.features.hidden(featureRows(examples))
      const sweep = { overrides, wanted, collect, sampling: ofChunk(sampling, first), lossScale }
      scores.push(...(await this.#differentiate(examples, entering, share, this.#lossGradient, sweep)))
    }
    return scores
  }

  /**
   * How far the model is from its base on other text: KL(base ‖ model) of every scored token, in nats, and the gradient of
   * `weight` times their mean. Added to that of a task, it keeps the model from forgetting.
   *
   * The other arguments are those of `gradients`.
   */
  async divergences(
    batch: readonly SequenceExample[],
    weight: number,
    overrides: Overrides,
    wanted: WantedInputs,
    collect: CollectGradients,
    { sampling = null, lossScale = 1 }: SweepOptions = {},
  ): Promise<number[]> {
    const { features, model, runner, vocabularyHead, objective } = this.#options
    const { width, layerCount } = model.description
    const share = weight / lossTerms(batch, objective)
    const divergences: number[] = []
    for (const { first, examples } of this.#chunks(batch, overrides)) {
      // The runner's own memory, where features may lie, is written anew by the base's pass.
      const { data, ...shape } = await features.hidden(featureRows(examples))
      const entering = { ...shape, data: this.#entering.take(data.length) }
      entering.data.set(data)
      const ofBase = await runner.run(entering, features.layer, layerCount)
      const { states } = readTokens(examples, ofBase, width)
      const loss = divergenceGradient(width, vocabularyHead, this.#headGradient, states)
      const sweep = { overrides, wanted, collect, sampling: ofChunk(sampling, first), lossScale }
      divergences.push(...(await this.#differentiate(examples, entering, share, loss, sweep)))
    }
    return divergences
  }

  /** Frees the sessions of the backward graphs, and the kept states. */
  async close(): Promise<void> {
    this.#kept.close()
    await this.#runner.close()
    await this.#headGradient.close()
  }

  #chunks(batch: readonly Example[], { prompt }: Overrides): Iterable<RunChunk> {
    const { objective, tokensPerRun, model } = this.#options
    return runChunks(batch, objective, 1, tokensPerRun, (prompt?.length ?? 0) / model.description.width)
  }

  /** A chunk forward, keeping what enters blocks, and back. */
  async #differentiate<Result>(
    chunk: readonly ExampleRows[],
    entering: Hidden,
    share: number,
    loss: LossGradient<Result>,
    sweep: Sweep,
  ): Promise<Result[]> {
    const { features, model, runner } = this.#options
    const { layerCount } = model.description
    const lowest = lowestLayer(features.layer, layerCount, sweep.wanted)
    const { prompt } = sweep.overrides
    const last = await runner.run(
      prompt === undefined ? entering : withPrompt(entering, prompt, this.#prompted),
      features.layer,
      layerCount,
      (layer) => sweep.overrides(layer, null),
      (layer, state) => layer >= lowest && this.#kept.keep(layer, state),
    )
    const ofTokens = prompt === undefined ? last : withoutPrompt(last, prompt.length, this.#unprompted)
    const gradient = { ...ofTokens, data: this.#lastGradient.take(ofTokens.data.length).fill(0) }
    const results = await loss(chunk, ofTokens, share * sweep.lossScale, gradient.data)
    // Nothing is read at a prompt's own positions.
    const none = prompt === undefined ? null : new Float32Array(prompt.length)
    await this.#sweep(none === null ? gradient : withPrompt(gradient, none, this.#prompted), lowest, sweep)
    return results
  }

  /** From the last layer down to the lowest trained one; below it nothing runs. */
  async #sweep(
    { data, batch, sequence }: Hidden,
    lowest: number,
    { overrides, wanted, collect, sampling, lossScale }: Sweep,
  ): Promise<void> {
    const { width, layerCount } = this.#options.model.description
    const shape = [batch, sequence, width]
    let gradient: PlacedTensor | null = float32Tensor(data, shape)
    try {
      for (let layer = layerCount - 1; layer >= lowest && gradient !== null; layer--) {
        const asked = wanted(layer)
        const inGraph = asked.filter((name) => name !== 'prompt' && name !== 'hidden')
        const needsHidden = layer > lowest || inGraph.length < asked.length
        gradient = await this.#brought(gradient, layer)
        const { hidden, inputs } = await this.#runner.run(
          layer,
          { tensor: this.#kept.take(layer, shape), batch, sequence },
          gradient,
          overrides(layer, null),
          needsHidden ? ['hidden', ...inGraph] : inGraph,
          drawOf(sampling, layer),
        )
        freeTensor(gradient)
        gradient = hidden
        if (asked.length === 0) continue
        if (lossScale !== 1) Object.values(inputs).forEach((values) => divide(values, values, lossScale))
        const ofEntering = await this.#entered(asked, hidden, lossScale)
        collect(layer, withEntering(inputs, asked, ofEntering, batch, overrides.prompt?.length ?? 0))
      }
    } finally {
      if (gradient !== null) freeTensor(gradient)
    }
  }

  /** A gradient where a layer's device can take it from. */
  async #brought(gradient: PlacedTensor, layer: number): Promise<PlacedTensor> {
    const { device } = this.#options
    if (gradient.data !== null || deviceOfLayer(device, layer).hasMemory) return gradient
    // That of the last layer, which this memory had, was used where this one was made.
    const data = await device.read(gradient, (length) => this.#lastGradient.take(length))
    freeTensor(gradient)
    return float32Tensor(data, gradient.shape)
  }

  /** The gradient of what enters a layer, where that or a part of it is asked for. */
  async #entered(
    asked: readonly string[],
    hidden: PlacedTensor | null,
    lossScale: number,
  ): Promise<Float32Array | null> {
    if (hidden === null || !(asked.includes('hidden') || asked.includes('prompt'))) return null
    const data = await this.#options.device.read(hidden, (length) => this.#ofEntering.take(length))
    if (lossScale === 1) return data
    // The layer below goes on from the scaled one, which may be this memory.
    const unscaled = this.#unscaled.take(data.length)
    divide(data, unscaled, lossScale)
    return unscaled
  }
}

/** The gradients that were asked for, with those of `hidden` and of `prompt` if they are among them. */
function withEntering(
  inputs: InputGradients,
  asked: readonly string[],
  ofEntering: Float32Array | null,
  batch: number,
  promptLength: number,
): InputGradients {
  if (ofEntering === null) return inputs
  return {
    ...inputs,
    ...(asked.includes('hidden') && { hidden: ofEntering }),
    ...(asked.includes('prompt') && { prompt: promptGradient(ofEntering, batch, promptLength) }),
  }
}

/** target ← values / by, which may be the same memory; exact for powers of two. */
function divide(values: Float32Array, target: Float32Array, by: number): void {
  for (let i = 0; i < values.length; i++) target[i] = values[i] / by
}

/** The first layer that something is wanted of; the number of layers where nothing is. */
function lowestLayer(first: number, layerCount: number, wanted: WantedInputs): number {
  let layer = first
  while (layer < layerCount && wanted(layer).length === 0) layer++
  return layer
}

/** How many equal terms the batch's loss is the mean of: one a scored token for sequences, else one an example. */
function lossTerms(batch: readonly Example[], objective: Objective): number {
  return batch.reduce((sum, example) => {
    if (example.kind !== 'sequence') return sum + 1
    return sum + scoredRows(example, objective)[0].positions.length
  }, 0)
}

function lossGradientOf(options: GradientEngineOptions, headGradient: VocabularyHeadGradient): LossGradient {
  const { model, objective, vocabularyHead } = options
  if (objective.kind === 'labels' && hasSingleTokenLabels(objective)) {
    return labelGradient(
      model,
      objective.options.map(({ tokens }) => tokens[0]),
    )
  }
  return tokenGradient(model.description.width, options, vocabularyHead, headGradient)
}
