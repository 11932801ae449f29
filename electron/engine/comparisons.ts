import {
  compareScores,
  EngineError,
  shareInterval,
  type Evaluation,
  type LoadedDataset,
  type ScoreComparison,
  type TrainedRun,
} from '../../core/index.js'
import type { ComparedRow, Comparison, SideFigures } from '../ipc/comparison.js'
import { comparedRows } from './compared-rows.js'
import type { EngineContext } from './context.js'
import type { OpenedRuns } from './opened-runs.js'
import { scoreRows } from './score-rows.js'
import type { Task } from './tasks.js'

/** Comparisons that are kept: going back and forth over the steps of a run costs nothing twice. */
const keptComparisons = 8
/** Seed of the permutations. */
const testSeed = 1

interface Compared {
  readonly comparison: Comparison
  readonly rows: readonly ComparedRow[]
}

/** Base and adapted model on the held-out rows of a run. */
export class Comparisons {
  readonly #context: EngineContext
  readonly #runs: OpenedRuns
  readonly #base = new Map<string, Evaluation>()
  readonly #compared = new Map<string, Compared>()
  /** Steps of the best states, as they were compared. */
  readonly #best = new Map<string, number>()

  constructor(context: EngineContext, runs: OpenedRuns) {
    this.#context = context
    this.#runs = runs
  }

  /** Scores all held-out rows with both models. @throws EngineError of `OpenedRuns`, 'cancelled' */
  async compare(runId: string, step: number | null, task: Task): Promise<Compared> {
    const run = await this.#runs.open(runId, step, task)
    if (step === null) this.#best.set(runId, run.step)
    const key = `${runId} ${run.step}`
    const known = this.#compared.get(key)
    if (known !== undefined) return known
    const { dev } = await this.#runs.data(runId, run, task)
    const base = this.#base.get(runId) ?? (await this.#evaluate(run, dev, 'evaluating-base', task))
    this.#base.set(runId, base)
    const adapted = await this.#evaluate(run, dev, 'evaluating-adapted', task)
    const { examples, objective } = dev.dataset
    const found = compareScores(examples, objective, base.scores, adapted.scores, testSeed)
    const compared = {
      comparison: comparisonOf(run, runId, base, adapted, found),
      rows: comparedRows(dev.dataset, run.model.tokenizer, base.scores, adapted.scores, found.changes),
    }
    this.#keep(key, compared)
    return compared
  }

  /** The rows of a comparison that was made. @throws EngineError 'unknown-item' where it was not, or is forgotten */
  rows(runId: string, step: number | null): readonly ComparedRow[] {
    const key = `${runId} ${step ?? this.#best.get(runId) ?? ''}`
    const found = this.#compared.get(key)
    if (found !== undefined) return found.rows
    throw new EngineError('unknown-item', { what: 'comparison' }, 'evaluate this state first')
  }

  async #evaluate(
    { model, parameters }: TrainedRun,
    { dataset }: LoadedDataset,
    phase: 'evaluating-base' | 'evaluating-adapted',
    task: Task,
  ): Promise<Evaluation> {
    const overrides = phase === 'evaluating-base' ? () => null : parameters.overrides(null)
    const device = await this.#context.devices.chosen()
    return scoreRows({ device, base: model.model, model: model.model, overrides, rows: dataset, phase }, task)
  }

  #keep(key: string, compared: Compared): void {
    this.#compared.set(key, compared)
    const [oldest] = this.#compared.keys()
    if (this.#compared.size > keptComparisons && oldest !== undefined) this.#compared.delete(oldest)
  }
}

function comparisonOf(
  { job, step }: TrainedRun,
  runId: string,
  base: Evaluation,
  adapted: Evaluation,
  { changes, lossChange, accuracyChange, test, lossTest, confusion }: ScoreComparison,
): Comparison {
  const count = (wanted: string): number => changes.filter((change) => change === wanted).length
  const hasAnswers = accuracyChange !== null
  return {
    runId,
    step,
    rows: changes.length,
    lossPer: job.task.kind === 'labels' || job.task.kind === 'preference' ? 'row' : 'token',
    base: sideFigures(base, hasAnswers),
    adapted: sideFigures(adapted, hasAnswers),
    lossChange,
    accuracyChange,
    test,
    lossTest,
    confusion: confusion === null ? null : structuredClone(confusion as NonNullable<Comparison['confusion']>),
    counts: {
      fixed: count('fixed'),
      broken: count('broken'),
      stillRight: count('still-right'),
      stillWrong: count('still-wrong'),
    },
  }
}

function sideFigures({ figures, scores }: Evaluation, hasAnswers: boolean): SideFigures {
  const { loss, examples } = figures
  if (!hasAnswers) return { loss, accuracy: null, examples, accuracyLow: null, accuracyHigh: null }
  const right = scores.filter(({ isCorrect }) => isCorrect).length
  const { low, high } = shareInterval(right, scores.length)
  return { loss, accuracy: right / scores.length, examples, accuracyLow: low, accuracyHigh: high }
}
