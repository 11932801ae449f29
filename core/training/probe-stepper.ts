import type { Example } from '../data/example.js'
import type { Scorer } from '../engine/scorer.js'
import type { Measurement, RuleState, UpdateRule } from '../optimizer/update-rule.js'
import type { TrainedParameters } from '../parameters/trained-parameters.js'
import { deriveSeed } from '../random/derive-seed.js'
import type { ProbeRecipe } from '../schema/recipe.js'
import { estimateTwoPoint } from './estimate.js'
import { requireFinite } from './require-finite.js'
import type { RunHistory } from './run-history.js'
import { isProbeLine } from './run-records.js'
import type { StepResult, Stepper } from './stepper.js'

export interface ProbeStepperOptions {
  readonly recipe: ProbeRecipe
  readonly steps: number
  readonly seed: number
  readonly scorer: Scorer
  readonly parameters: TrainedParameters
  readonly rule: UpdateRule
  readonly batchAt: (step: number) => readonly Example[]
  readonly history: RunHistory
}

/** Steps by forward passes only. Its state is whole numbers, so the journal alone rebuilds it. */
export class ProbeStepper implements Stepper {
  readonly parameters: TrainedParameters
  readonly #options: ProbeStepperOptions
  #state: RuleState = null

  constructor(options: ProbeStepperOptions) {
    this.parameters = options.parameters
    this.#options = options
  }

  /** @throws EngineError 'run-invalid' where the journal is of another kind of run */
  restore(): Promise<void> {
    for (const line of this.#options.history.takeSteps()) {
      if (!isProbeLine(line)) throw this.#options.history.damaged(`step ${line.step}`, 'losses at probes')
      this.#state = this.#result({ lossPlus: line.plus, lossMinus: line.minus }, line.step).state
      this.parameters.move(line.seed, line.move)
    }
    return Promise.resolve()
  }

  async take(step: number): Promise<StepResult> {
    const { recipe, scorer, batchAt, history } = this.#options
    const seed = deriveSeed(this.#options.seed, step)
    const probe = { seed, epsilon: recipe.perturbationScale }
    const measured = await estimateTwoPoint(scorer, batchAt(step), this.parameters, probe)
    const { lossPlus, lossMinus } = measured
    const losses = [...lossPlus, ...lossMinus]
    requireFinite(losses, step)
    const { coefficients, state } = this.#result(measured, step)
    history.appendStep({ step, seed, plus: [...lossPlus], minus: [...lossMinus], move: [...coefficients] })
    this.parameters.move(seed, coefficients)
    this.#state = state
    const squares = lossPlus.map((loss, lane) => ((loss - lossMinus[lane]) / (2 * probe.epsilon)) ** 2)
    return { loss: mean(losses), slope: Math.sqrt(mean(squares)) }
  }

  /** The journal is all there is to keep. */
  keep(): void {
    this.#options.history.sync()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #result(measured: Measurement, step: number) {
    const { rule, recipe, steps } = this.#options
    return rule(measured, this.#state, { step, steps, perturbationScale: recipe.perturbationScale })
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
