import type { Example } from '../data/example.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import { probeSlope, type Measurement, type StepContext } from '../optimizer/probe-differences.js'
import { probeShare } from '../optimizer/probe-kernel.js'
import type { RuleState, UpdateRule } from '../optimizer/update-rule.js'
import type { LayerScaler } from '../parameters/layer-scaler.js'
import type { TrainedParameters } from '../parameters/trained-parameters.js'
import { deriveSeed } from '../random/derive-seed.js'
import type { ProbeRecipe } from '../schema/recipe.js'
import { measureLosses } from './estimate.js'
import { requireFinite } from './require-finite.js'
import type { RunHistory } from './run-history.js'
import { isProbeLine, type ProbeLine } from './run-records.js'
import { isMagnitudeStep, searchMagnitudes } from './search-magnitudes.js'
import { stepScope } from './step-scope.js'
import { scalerOf, stepMover, type StepMover } from './step-mover.js'
import type { StepResult, Stepper } from './stepper.js'

export interface ProbeStepperOptions {
  readonly recipe: ProbeRecipe
  readonly steps: number
  readonly seed: number
  readonly scorer: ExampleScorer
  /** At the state that the run begins with. */
  readonly parameters: TrainedParameters
  readonly rule: UpdateRule
  readonly batchAt: (step: number) => readonly Example[]
  readonly history: RunHistory
}

/** Steps by forward passes only. Its state is whole numbers, so the journal alone rebuilds it. */
export class ProbeStepper implements Stepper {
  readonly parameters: TrainedParameters
  readonly #options: ProbeStepperOptions
  readonly #move: StepMover
  /** Of magnitudes, where the recipe searches them. */
  readonly #scaler: LayerScaler | null
  #state: RuleState = null

  constructor(options: ProbeStepperOptions) {
    this.parameters = options.parameters
    this.#options = options
    this.#scaler = scalerOf(options.parameters, options.recipe)
    this.#move = stepMover(options.parameters, options, this.#scaler)
  }

  /** @throws EngineError 'run-invalid' where the journal is of another kind of run */
  restore(): Promise<void> {
    for (const line of this.#options.history.takeSteps()) {
      if (!isProbeLine(line)) throw this.#options.history.damaged(`step ${line.step}`, 'losses at probes')
      const measured = { lossPlus: line.plus, lossMinus: line.minus, lossClean: line.clean }
      this.#state = this.#result(measured, this.#contextOf(line.step, line.seed)).state
      this.#move(line.step, line)
    }
    return Promise.resolve()
  }

  async take(step: number): Promise<StepResult> {
    const { recipe, scorer, batchAt } = this.#options
    const seed = deriveSeed(this.#options.seed, step)
    const context = this.#contextOf(step, seed)
    const { probing, perturbationScale } = recipe
    const share = probing.kind === 'kernel' ? probeShare(probing, seed, step, context.steps) : 1
    const scope = stepScope(this.#options, step, seed)
    const probe = { seed, epsilon: share * perturbationScale, ...scope }
    const measured = await measureLosses(scorer, batchAt(step), this.parameters, probing, probe)
    const { lossPlus, lossMinus, lossClean } = measured
    const losses = [...lossPlus, ...lossMinus]
    requireFinite(lossClean === undefined ? losses : [...losses, lossClean], step)
    const { coefficients, state } = this.#result(measured, context)
    const move = [...coefficients]
    const line = {
      ...{ step, seed, plus: [...lossPlus], minus: [...lossMinus] },
      ...(lossClean !== undefined && { clean: lossClean }),
      move,
    }
    await this.#finish(line)
    this.#state = state
    return { loss: mean(losses), slope: probeSlope(measured, perturbationScale) }
  }

  /** The journal is all there is to keep. */
  keep(): void {
    this.#options.history.sync()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** Moves, and writes the line down: magnitudes belong to it, and are searched where the move has led. */
  async #finish(line: ProbeLine): Promise<void> {
    const { recipe, scorer, steps, batchAt, history } = this.#options
    const { magnitudes: settings } = recipe
    if (settings === null || this.#scaler === null || !isMagnitudeStep(recipe, line.step)) {
      history.appendStep(line)
      this.#move(line.step, line)
      return
    }
    const { step, seed } = line
    this.#move(step, line)
    // Batches after the last step are no step's own.
    const first = steps + Math.floor(step / settings.interval) * settings.iterations
    const magnitudes = await searchMagnitudes({
      ...{ settings, scorer, step, seed, parameters: this.parameters, scaler: this.#scaler },
      batchAt: (iteration) => batchAt(first + iteration),
    })
    history.appendStep({ ...line, magnitudes })
    this.#scaler.scale(magnitudes)
  }

  #contextOf(step: number, seed: number): StepContext {
    const { recipe, steps } = this.#options
    return { step, steps, seed, perturbationScale: recipe.perturbationScale }
  }

  #result(measured: Measurement, context: StepContext) {
    return this.#options.rule(measured, this.#state, context)
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
