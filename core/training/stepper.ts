import type { TrainedState } from '../parameters/trained-parameters.js'

/** What a step measured. */
export interface StepResult {
  /** Mean loss of the batch in nats, of the losses at probes where there are probes. */
  readonly loss: number
  /** Size of the slope: of the projected gradients (root mean square), or of the gradient (norm). */
  readonly slope: number
  /** How far the model is from its base on other text, in nats a token, where the run keeps to it. */
  readonly divergence?: number
}

/** How a run takes its steps: by losses at probes, or by exact gradients. To the loop both are the same. */
export interface Stepper {
  /** What is trained, at the last step taken. */
  readonly parameters: TrainedState
  /** Brings the parameters, which must be at their initial state, to where the run's history stands. */
  restore(): Promise<void>
  /**
   * Takes a step: measures, writes the journal line, moves. The step has happened once its line is written.
   *
   * @throws EngineError 'loss-not-finite'
   */
  take(step: number): Promise<StepResult>
  /** Called at evaluations and where the run ends: what is expensive to repeat is kept now. */
  keep(step: number): void
  /** Frees what it opened. */
  close(): Promise<void>
}
