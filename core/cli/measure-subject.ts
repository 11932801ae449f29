import { judgedRows, type JudgedRow } from '../data/judged-rows.js'
import { openDecoder } from '../engine/decoder.js'
import { openAnyScorer } from '../engine/open-any-scorer.js'
import { isOpenGraph, type AnyOpenModel } from '../engine/open-graph-model.js'
import type { Overrides } from '../engine/overrides.js'
import { chooseOptions } from '../evaluation/choose-options.js'
import { compareMetric, perplexityChange, type MetricChange } from '../evaluation/compare-metrics.js'
import { confusionOf } from '../evaluation/compare-scores.js'
import type { Evaluation } from '../evaluation/evaluate.js'
import { answerMetricNames, judgeAnswers, type JudgedAnswers } from '../evaluation/judge-answers.js'
import { labelFigures, macroF1, type LabelFigures } from '../evaluation/metrics/label-figures.js'
import { tokenLosses } from '../evaluation/token-losses.js'
import { writeAnswers } from '../evaluation/write-answers.js'
import type { Device } from '../runtime/device.js'
import { requestInvalid } from '../schema/request-invalid.js'
import type { EvaluationData } from '../training/open-evaluation.js'
import type { Subject } from '../training/open-trained.js'
import { abortOnInterrupt } from './abort-on-interrupt.js'
import { besideBase, evaluateShowing } from './evaluate-showing.js'
import type { MetricName } from './metric-names.js'
import type { Output } from './output.js'

/** What to measure, and how. */
export interface MeasureRequest {
  readonly subject: Subject<AnyOpenModel>
  readonly rows: EvaluationData
  readonly device: Device
  readonly output: Output
  readonly metrics: readonly MetricName[]
  /** Measures the model before training as well. */
  readonly hasComparison: boolean
  readonly maxTokens: number
  readonly stops: readonly string[]
}

/** Figures beside a report. */
export interface MetricFigures {
  readonly macroF1?: number
  readonly confusion?: { readonly labels: readonly string[]; readonly rows: readonly (readonly number[])[] }
  readonly byLabel?: readonly (LabelFigures & { readonly label: string })[]
  /** Means of what is measured of answers, by name. */
  readonly answers?: Readonly<Record<string, number>>
  readonly changes?: readonly MetricChange[]
}

/** What came out. */
export interface Measured {
  readonly evaluation: Evaluation
  readonly figures: MetricFigures
  /** What was written or chosen, by line. */
  readonly answers: ReadonlyMap<number, string>
}

/** Seed of bootstrap and permutations: equal scores give equal figures. */
const testSeed = 1

/** Scores the rows, and writes or chooses answers where a measure needs it. @throws EngineError 'request-invalid' */
export async function measureSubject(request: MeasureRequest): Promise<Measured> {
  const { subject, rows, device, output, hasComparison } = request
  if (hasComparison && subject.kind !== 'run') {
    const issue = '--compare needs a run: a model file has no before and after'
    throw requestInvalid(issue)
  }
  const model = subject.model.model
  const { dataset } = rows.data
  // A model alone has no other base than itself, to which it would always be equal.
  const judged = subject.kind === 'run' ? await besideBase(output, device, model, dataset) : dataset
  const overridesAfter = overridesOf(subject)
  const evaluation = await evaluateShowing(output, device, model, judged, overridesAfter)
  const before = hasComparison ? await evaluateShowing(output, device, model, judged, () => null) : null
  const asked = readJudged(request)
  const after = await answersOf(request, asked, true)
  const old = before === null ? null : await answersOf(request, asked, false)
  const changes = before === null ? [] : scoreChanges(rows, before, evaluation)
  for (const [name, values] of Object.entries(after.metrics)) {
    const earlier = old?.metrics[name]
    if (earlier !== undefined) changes.push(compareMetric(name, earlier, values, testSeed))
  }
  const means = Object.entries(after.metrics).map(([name, values]) => [name, mean(values)] as const)
  return {
    evaluation,
    answers: new Map(asked.map(({ line }, row) => [line, after.texts.at(row) ?? ''])),
    figures: {
      ...labelFiguresOf(request, evaluation),
      ...(means.length > 0 && { answers: Object.fromEntries(means) }),
      ...(hasComparison && { changes }),
    },
  }
}

function overridesOf(subject: Subject<AnyOpenModel>): Overrides {
  return subject.parameters?.overrides(null) ?? (() => null)
}

/** Rows whose answers are judged; none where no measure asks for it. */
function readJudged({ rows, metrics }: MeasureRequest): readonly JudgedRow[] {
  const needed = metrics.some((name) => name === 'choice' || answerMetricNames.some((each) => each === name))
  return needed ? judgedRows(rows.request, new Set(rows.data.rows.lines)) : []
}

interface Answers {
  readonly texts: readonly string[]
  /** A value a row. */
  readonly metrics: Readonly<Record<string, readonly number[]>>
}

async function answersOf(
  request: MeasureRequest,
  asked: readonly JudgedRow[],
  isAfter: boolean,
): Promise<Answers> {
  const { metrics } = request
  if (asked.length === 0) return { texts: [], metrics: {} }
  const written = answerMetricNames.filter((name) => metrics.includes(name))
  const chosen = metrics.includes('choice') ? await choose(request, asked, isAfter) : null
  const texts = written.length > 0 ? await write(request, asked, isAfter) : (chosen ?? [])
  const judged: JudgedAnswers = written.length > 0 ? judgeAnswers(texts, asked, written) : {}
  const right = chosen?.map((text, row) =>
    Number(asked[row].accepted.some((each) => each.trim() === text.trim())),
  )
  return { texts, metrics: { ...judged, ...(right !== undefined && { choice: right }) } }
}

async function choose(
  request: MeasureRequest,
  asked: readonly JudgedRow[],
  isAfter: boolean,
): Promise<readonly string[]> {
  const { subject, device, output } = request
  const opened = await openAnyScorer(device, subject.model.model, { kind: 'answer' })
  try {
    const choosing = chooseOptions(opened.scorer, asked, isAfter ? overridesOf(subject) : () => null)
    return await following(choosing, output, 'choosing')
  } finally {
    await opened.close()
  }
}

async function write(
  request: MeasureRequest,
  asked: readonly JudgedRow[],
  isAfter: boolean,
): Promise<readonly string[]> {
  const { subject, device, output, maxTokens, stops } = request
  if (isOpenGraph(subject.model)) {
    throw requestInvalid('this model runs by its own graph, which writes no answers: choose other --metrics')
  }
  const { model, tokenizer } = subject.model
  const changes = isAfter ? subject.parameters : undefined
  const decoder = await openDecoder(device, model, changes)
  const interrupt = abortOnInterrupt()
  try {
    const writing = writeAnswers(decoder, asked, { tokenizer, maxTokens, stops, signal: interrupt.signal })
    return await following(writing, output, isAfter ? 'writing answers' : 'writing answers before training')
  } finally {
    interrupt.release()
    await decoder.close()
  }
}

async function following<T>(
  work: AsyncGenerator<{ readonly done: number; readonly total: number }, T>,
  output: Output,
  title: string,
): Promise<T> {
  let next = await work.next()
  for (; next.done !== true; next = await work.next()) {
    output.live(`${title}: ${next.value.done} of ${next.value.total}`)
  }
  return next.value
}

function scoreChanges({ data }: EvaluationData, before: Evaluation, after: Evaluation): MetricChange[] {
  const rights = ({ scores }: Evaluation): number[] => scores.map(({ isCorrect }) => Number(isCorrect))
  const loss = compareMetric('loss', tokenLosses(before.scores), tokenLosses(after.scores), testSeed)
  const accuracy = (): MetricChange => compareMetric('accuracy', rights(before), rights(after), testSeed)
  switch (data.dataset.objective.kind) {
    case 'tensors':
      return [loss]
    case 'text':
      return [loss, perplexityChange(loss)]
    case 'answer':
      return [loss, perplexityChange(loss), accuracy()]
    default:
      return [loss, accuracy()]
  }
}

function labelFiguresOf({ rows, metrics }: MeasureRequest, { scores }: Evaluation): MetricFigures {
  const { objective, examples } = rows.data.dataset
  if (objective.kind !== 'labels') return {}
  const labels = objective.options.map(({ name }) => name)
  const confusion = confusionOf(examples, scores, labels.length)
  return {
    ...(metrics.includes('macro-f1') && {
      macroF1: macroF1(confusion),
      byLabel: labelFigures(confusion).map((figures, label) => ({ label: labels[label], ...figures })),
    }),
    ...(metrics.includes('confusion') && { confusion: { labels, rows: confusion } }),
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
