import { existsSync } from 'node:fs'
import type { Example, SequenceExample } from '../data/example.js'
import type { ExampleScore } from '../engine/example-score.js'
import type { SweepOptions } from '../engine/gradient-engine.js'
import type { Overrides } from '../engine/overrides.js'
import { deriveSeed } from '../random/derive-seed.js'
import { clipGlobalNorm } from '../optimizer/clip-global-norm.js'
import type { LossScale } from '../optimizer/loss-scale.js'
import type { TensorRule } from '../optimizer/tensor-rule.js'
import { learningRateAt } from '../optimizer/schedule.js'
import type { InputGradients } from '../engine/gradient-runner.js'
import type { DifferentiatedParameters } from '../parameters/differentiated-parameters.js'
import { stateViews } from '../parameters/trained-parameters.js'
import type { GradientRecipe } from '../schema/recipe.js'
import { meanLoss } from './estimate.js'
import { packedPieces, unpackParts } from './pack-parts.js'
import { requireFinite } from './require-finite.js'
import type { RunHistory } from './run-history.js'
import { isProbeLine } from './run-records.js'
import { readState, writeStatePieces } from './state-file.js'
import type { StepResult, Stepper } from './stepper.js'

/** Where exact gradients come from: of the mean loss of a batch, layer by layer. */
export interface GradientSource {
  /**
   * @param overrides what the trained layers run with
   * @param wanted inputs of a layer's graph whose gradients are asked for
   * @param collect takes a layer's gradients, once a micro-batch; they are valid during the call only
   * @param options how gradients go on their way
   */
  gradients(
    batch: readonly Example[],
    overrides: Overrides,
    wanted: (layer: number) => readonly string[],
    collect: (layer: number, gradients: InputGradients) => void,
    options: SweepOptions,
  ): Promise<ExampleScore[]>
  /** KL(base ‖ model) of every scored token, and the gradient of `weight` times their mean; otherwise as `gradients`. */
  divergences(
    batch: readonly SequenceExample[],
    weight: number,
    overrides: Overrides,
    wanted: (layer: number) => readonly string[],
    collect: (layer: number, gradients: InputGradients) => void,
    options: SweepOptions,
  ): Promise<number[]>
  close(): Promise<void>
}

export interface GradientStepperOptions {
  readonly recipe: GradientRecipe
  /** Of the run: draws follow from it and the step. */
  readonly seed: number
  readonly steps: number
  readonly source: GradientSource
  readonly parameters: DifferentiatedParameters
  /** One for each trained tensor, in their order. */
  readonly rules: readonly TensorRule[]
  /** Where gradients pass half floats; null where they do not. */
  readonly lossScale: LossScale | null
  readonly batchAt: (step: number) => readonly Example[]
  /** Other text, on which the model should stay as its base is; null for none. */
  readonly keepBase: {
    readonly weight: number
    readonly batchAt: (step: number) => readonly SequenceExample[]
  } | null
  readonly history: RunHistory
  readonly checkpointPath: string
  /** How far a loss that is computed again may be from the one in the journal, in parts of it; 0 on the same device. */
  readonly tolerance?: number
  /** Milliseconds from any fixed moment. */
  readonly now: () => number
}

interface MeasuredStep extends StepResult {
  /** What gradients were multiplied by on their way; null where they do not pass half floats. */
  readonly lossScale: number | null
}

interface Measured extends Omit<MeasuredStep, 'divergence'> {
  /** Of every compared token; null where the run keeps to no base. */
  readonly divergences: readonly number[] | null
}

/** What a killed process may lose at most, to be computed again. */
const checkpointEveryMs = 60_000

/**
 * Steps along exact gradients. The state is floating-point numbers that no journal line could carry, so it is kept in a
 * checkpoint by time, and the steps after it are computed again: the same bits on the same device.
 */
export class GradientStepper implements Stepper {
  readonly parameters: DifferentiatedParameters
  readonly #options: GradientStepperOptions
  #keptAt: number

  constructor(options: GradientStepperOptions) {
    this.parameters = options.parameters
    this.#options = options
    this.#keptAt = options.now()
  }

  /** @throws EngineError 'run-invalid' for a damaged checkpoint, or where a step computed again is another one */
  async restore(): Promise<void> {
    const { history, checkpointPath, tolerance = 0 } = this.#options
    for (const line of history.takeSteps().slice(this.#loadCheckpoint())) {
      if (isProbeLine(line)) throw history.damaged(`step ${line.step}`, 'a loss and a gradient')
      const { loss } = await this.#move(line.step)
      if (Math.abs(loss - line.loss) <= tolerance * Math.abs(line.loss)) continue
      const expected = `the loss ${line.loss} that was computed after ${checkpointPath}, not ${loss}: go on with as many threads and on the same device as before`
      throw history.damaged(`step ${line.step}`, expected)
    }
  }

  async take(step: number): Promise<StepResult> {
    const { history, now } = this.#options
    const { lossScale, ...result } = await this.#move(step)
    const { loss, slope, divergence } = result
    history.appendStep({
      ...{ step, loss, gradientNorm: slope },
      ...(divergence !== undefined && { divergence }),
      ...(lossScale !== null && { lossScale }),
    })
    if (now() - this.#keptAt > checkpointEveryMs) this.keep(step + 1)
    return result
  }

  keep(step: number): void {
    const { history, checkpointPath, now } = this.#options
    // A checkpoint must not be ahead of the journal, or a step would be missing there.
    history.sync()
    const parts = [stateViews(this.parameters), ...this.#movers().map((mover) => mover.parts)]
    writeStatePieces(checkpointPath, step, packedPieces(parts))
    this.#keptAt = now()
  }

  close(): Promise<void> {
    return this.#options.source.close()
  }

  /** Takes back the checkpoint, if there is one. Returns its step. */
  #loadCheckpoint(): number {
    const { checkpointPath, history } = this.#options
    const movers = this.#movers()
    if (!existsSync(checkpointPath)) return 0
    const { step, state } = readState(checkpointPath)
    const parts = unpackParts(state)
    if (step > history.stepCount || parts.length !== movers.length + 1) {
      throw history.damaged(`step ${step}`, `the checkpoint of an earlier step of this run`)
    }
    this.parameters.load(parts[0])
    movers.forEach((mover, index) => mover.load(parts[index + 1]))
    return step
  }

  /** What has a state besides the parameters, in the order in which a checkpoint has them. */
  #movers(): readonly (TensorRule | LossScale)[] {
    const { rules, lossScale } = this.#options
    return lossScale === null ? rules : [...rules, lossScale]
  }

  /** Measures and moves, without the journal. */
  async #move(step: number): Promise<MeasuredStep> {
    const { recipe, rules, steps, lossScale } = this.#options
    const { parameters } = this
    const { divergences, ...measured } = await this.#measureInRange(step)
    requireFinite([measured.loss, measured.slope, ...(divergences ?? [])], step)
    lossScale?.accept()
    const learningRate = learningRateAt(recipe.update, step, steps)
    parameters.tensors.forEach(({ values, gradient }, index) =>
      rules[index].update(values, gradient, { step, learningRate }),
    )
    parameters.refresh()
    return divergences === null ? measured : { ...measured, divergence: mean(divergences) }
  }

  /** Measures; again with half the loss scale for as long as that is what makes gradients too large for half floats. */
  async #measureInRange(step: number): Promise<Measured> {
    const { lossScale } = this.#options
    for (;;) {
      const measured = await this.#measure(step)
      const isInRange = Number.isFinite(measured.slope) || !Number.isFinite(measured.loss)
      if (isInRange || lossScale === null || !lossScale.lower()) return measured
    }
  }

  /** Leaves the gradients, clipped, with the parameters. */
  async #measure(step: number): Promise<Measured> {
    const { source, recipe, batchAt, keepBase, lossScale } = this.#options
    const { parameters } = this
    const { tensors } = parameters
    for (const { gradient } of tensors) gradient.fill(0)
    const overrides = parameters.overrides(null)
    const wanted = (layer: number): readonly string[] => parameters.wanted(layer)
    const collect = (layer: number, gradients: InputGradients): void =>
      parameters.accumulate(layer, gradients)
    const scale = lossScale?.value ?? 1
    const options = (purpose: number): SweepOptions => ({
      sampling:
        recipe.tokenShare < 1
          ? { share: recipe.tokenShare, seed: deriveSeed(this.#options.seed, step, purpose) }
          : null,
      lossScale: scale,
    })
    const scores = await source.gradients(batchAt(step), overrides, wanted, collect, options(0))
    const divergences =
      keepBase === null
        ? null
        : await source.divergences(
            keepBase.batchAt(step),
            keepBase.weight,
            overrides,
            wanted,
            collect,
            options(1),
          )
    const slope = clipGlobalNorm(
      tensors.map(({ gradient }) => gradient),
      recipe.update.clipNorm,
    )
    return { loss: meanLoss(scores), slope, divergences, lossScale: lossScale === null ? null : scale }
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
