import type { Example } from '../data/example.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import { probeSlope, type Measurement, type StepContext } from '../optimizer/probe-differences.js'
import { probeShare } from '../optimizer/probe-kernel.js'
import type { RuleState, UpdateRule } from '../optimizer/update-rule.js'
import type { TrainedParameters } from '../parameters/trained-parameters.js'
import { deriveSeed } from '../random/derive-seed.js'
import type { ProbeRecipe } from '../schema/recipe.js'
import { activeLayers } from './active-layers.js'
import { measureLosses } from './estimate.js'
import { requireFinite } from './require-finite.js'
import type { RunHistory } from './run-history.js'
import { isProbeLine } from './run-records.js'
import { stepMover, type StepMover } from './step-mover.js'
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
  #state: RuleState = null

  constructor(options: ProbeStepperOptions) {
    this.parameters = options.parameters
    this.#options = options
    this.#move = stepMover(options.parameters, options)
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
    const { recipe, scorer, batchAt, history } = this.#options
    const seed = deriveSeed(this.#options.seed, step)
    const context = this.#contextOf(step, seed)
    const { probing, perturbationScale } = recipe
    const share = probing.kind === 'kernel' ? probeShare(probing, seed, step, context.steps) : 1
    const probe = { seed, epsilon: share * perturbationScale, layers: activeLayers(recipe, seed) }
    const measured = await measureLosses(scorer, batchAt(step), this.parameters, probing, probe)
    const { lossPlus, lossMinus, lossClean } = measured
    const losses = [...lossPlus, ...lossMinus]
    requireFinite(lossClean === undefined ? losses : [...losses, lossClean], step)
    const { coefficients, state } = this.#result(measured, context)
    const move = [...coefficients]
    history.appendStep({
      ...{ step, seed, plus: [...lossPlus], minus: [...lossMinus] },
      ...(lossClean !== undefined && { clean: lossClean }),
      move,
    })
    this.#move(step, { seed, move })
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
