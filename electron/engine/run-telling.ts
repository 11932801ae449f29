import type { Tell } from '../ipc/contract.js'
import type { EvaluationPoint, RunVitals, StepPoint } from '../ipc/runs.js'

/** Between two progress events: five a second at most. */
const tellEveryMs = 200
/** Steps of one event; a page draws no more anyway. */
const mostSteps = 100

export interface RunTellingOptions {
  readonly runId: string
  readonly tell: Tell
  /** Milliseconds from any fixed moment. */
  readonly now: () => number
  /** As they are when something is told. */
  readonly vitals: () => RunVitals
  readonly step: () => number
}

/** Gathers what a run does and tells it in few events, however fast it steps. */
export class RunTelling {
  readonly #options: RunTellingOptions
  #steps: StepPoint[] = []
  #evaluations: EvaluationPoint[] = []
  #notices: string[] = []
  #toldAt = -Infinity
  #timer: NodeJS.Timeout | null = null

  constructor(options: RunTellingOptions) {
    this.#options = options
  }

  addStep(point: StepPoint): void {
    this.#steps.push(point)
    if (this.#steps.length > 2 * mostSteps) this.#steps = thinned(this.#steps)
  }

  addEvaluation(point: EvaluationPoint): void {
    this.#evaluations.push(point)
  }

  addNotice(notice: string): void {
    this.#notices.push(notice)
  }

  /** Something is new: tells it now, or as soon as the last event is long enough ago. */
  changed(): void {
    const waitMs = this.#toldAt + tellEveryMs - this.#options.now()
    if (waitMs <= 0) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), waitMs)
  }

  /** Tells everything that was not told yet. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const { runId, tell, now, vitals, step } = this.#options
    this.#toldAt = now()
    const steps = this.#steps.length > mostSteps ? thinned(this.#steps) : this.#steps
    const [evaluations, notices] = [this.#evaluations, this.#notices]
    this.#steps = []
    this.#evaluations = []
    this.#notices = []
    tell('run.progress', { runId, steps, evaluations, notices, vitals: vitals(), step: step() })
  }
}

/** Half of the steps, the last among them. */
function thinned(steps: readonly StepPoint[]): StepPoint[] {
  return steps.filter((_, index) => (steps.length - 1 - index) % 2 === 0)
}
