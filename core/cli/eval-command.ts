import { basename } from 'node:path'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { reportOf } from '../evaluation/report.js'
import type { TaskGuess } from '../data/guess/guess-reason.js'
import { isGraphModel } from '../engine/graph-model.js'
import type { AnyOpenModel } from '../engine/open-graph-model.js'
import { writeFileAtomic } from '../formats/atomic-file.js'
import { requestInvalid } from '../schema/request-invalid.js'
import type { RowFilter } from '../schema/row-selection.js'
import type { Task } from '../schema/task.js'
import { openEvaluationData } from '../training/open-evaluation.js'
import { openAnySubject, type Subject } from '../training/open-trained.js'
import { stateOfLora } from '../training/start-at-lora.js'
import { taskOfGraph } from '../training/task-of-graph.js'
import { deviceFor, withDeviceOptions, type DeviceOptions } from './device.js'
import { measureSubject } from './measure-subject.js'
import { guessedTask, guessLines } from './guessed-task.js'
import { metricLines } from './metric-lines.js'
import { metricsFor, metricNames, type MetricName } from './metric-names.js'
import { modelHashes } from './model-hashes.js'
import { escapedText, integer } from './option-values.js'
import { Output, type OutputOptions } from './output.js'
import { predictionLines } from './prediction-lines.js'
import { mezo, protocols, type Protocol } from './protocol.js'
import { reportLines } from './report-lines.js'
import { collectFilter } from './row-options.js'
import { withOutputOptions, withTaskOptions } from './shared-options.js'
import { taskFromOptions, type TaskOptions } from './task-options.js'
import { withQuantizedBriefly } from './quantize-first.js'
import { withQuantizeOptions, type QuantizeOptions } from './quantizer-options.js'
import { refuseExisting } from './refuse-existing.js'

interface EvalOptions extends OutputOptions, TaskOptions, DeviceOptions, QuantizeOptions {
  readonly data?: string
  readonly rows?: number
  readonly sample?: number
  readonly seed: number
  readonly skipBadRows?: boolean
  readonly predictions?: string
  readonly part: 'dev' | 'test'
  readonly shotsFrom?: string
  readonly where: readonly RowFilter[]
  readonly metrics?: readonly MetricName[]
  readonly compare?: boolean
  readonly lora?: string
  readonly protocol?: Protocol
  readonly maxTokens?: number
  readonly stop: readonly string[]
}

/** `zerotune eval`. */
export function addEvalCommand(program: Command): void {
  const command = program
    .command('eval')
    .description('measure a model, or what a run made of it, on rows of a data file')
    .argument(
      '<model-or-run>',
      'GGUF file, folder of safetensors files or of an ONNX model, or folder of a run',
    )
    .option('--data <file>', "rows: TSV, CSV or JSONL (default: the run's own dev rows)")
    .addOption(
      new Option('--part <name>', "which of the run's own rows").choices(['dev', 'test']).default('dev'),
    )
    .option('--rows <n>', 'use the first rows only', integer(1))
    .option('--sample <n>', 'use so many rows, drawn by the seed', integer(1))
    .option('--seed <n>', 'decides which rows are drawn', integer(0), 42)
    .option(
      '--where <condition>',
      "use only rows such as 'lang=en'; may be given several times",
      collectFilter,
      [],
    )
    .option('--shots-from <file>', 'training rows to take --shots from, for a model without a run')
    .option('--skip-bad-rows', 'go on after a row that cannot be used, and count it')
    .option('--metrics <names>', `some of ${metricNames.join(', ')}; the last four write answers`, metrics)
    .option('--compare', 'a run: measure the model before training as well, and say whether it differs')
    .option('--lora <file>', 'a model: measure it with the branches of a GGUF LoRA file')
    .addOption(new Option('--protocol <name>', 'measure as published work does').choices(protocols))
    .option('--max-tokens <n>', 'longest answer that is written (default: 128)', integer(1))
    .option(
      '--stop <text>',
      'a written answer ends before this text; may be given several times',
      collect,
      [],
    )
    .option('--predictions <file>', 'write what the model said of each row, as JSONL')
  withOutputOptions(withQuantizeOptions(withDeviceOptions(withTaskOptions(command)))).action(
    async (path: string, options: EvalOptions) => {
      const output = new Output(options)
      if (options.predictions !== undefined) refuseExisting(options.predictions)
      await withQuantizedBriefly(path, options, output, (opened) => showEvaluation(opened, options, output))
    },
  )
}

async function showEvaluation(path: string, options: EvalOptions, output: Output): Promise<void> {
  const subject = withBranches(openAnySubject(path, new Date(), modelHashes()), options)
  const guess = guessFor(subject, options)
  for (const line of guess === null ? [] : guessLines(guess)) output.say(line)
  const rows = openRows(subject, options, guess)
  const { data } = rows
  for (const notice of data.notices) output.say(`note: ${notice}`)
  if (data.skippedCount > 0) {
    output.say(`note: left out ${data.skippedCount} bad rows, the first: ${data.skippedMessages[0]}`)
  }
  const measured = await measureSubject({
    subject,
    rows,
    device: await deviceFor(subject.model, options),
    output,
    metrics: metricsFor(data.task, options.metrics, options.protocol),
    hasComparison: options.compare === true,
    ...writingOf(options),
  })
  const report = reportOf(data.dataset.objective, measured.evaluation)
  const step = subject.kind === 'run' ? subject.step : null
  const about = step === null ? basename(path) : `${basename(path)}, best state (step ${step})`
  const { skippedCount: skippedRows, notices } = data
  output.result({ ...report, ...measured.figures, data: data.path, skippedRows, step, notices }, [
    `${about}, on ${basename(data.path)}:`,
    ...reportLines(report, subject.kind),
    ...metricLines(measured.figures),
  ])
  if (options.predictions !== undefined) {
    const lines = predictionLines(data.dataset, measured.evaluation.scores, measured.answers)
    writeFileAtomic(options.predictions, lines, { overwrite: false })
  }
  subject.model.model.close()
}

/** The subject with the branches that the flags name. @throws EngineError 'request-invalid' where it has some already, or can have none */
function withBranches(subject: Subject<AnyOpenModel>, { lora }: EvalOptions): Subject<AnyOpenModel> {
  if (lora === undefined) return subject
  if (subject.kind === 'run') throw requestInvalid('--lora is for a model: a run has its own')
  const { model } = subject.model
  if (isGraphModel(model)) throw requestInvalid('this model runs by its own graph, which has no branches')
  return { ...subject, parameters: stateOfLora(lora, model) }
}

/** What the rows suggest; null where the flags, or a run, say what to learn of them. */
function guessFor(subject: Subject<AnyOpenModel>, options: EvalOptions): TaskGuess | null {
  if (subject.kind === 'run' || options.data === undefined || taskOf(subject, options) !== null) return null
  return guessedTask(options.data, subject.model.chat !== null)
}

/** The task that the flags say, or the only one of a model; null where neither does. */
function taskOf(subject: Subject<AnyOpenModel>, options: EvalOptions): Task | null {
  const asked = taskFromOptions(options)
  return asked ?? (subject.kind === 'run' ? null : taskOfGraph(subject.model))
}

function openRows(
  subject: Subject<AnyOpenModel>,
  options: EvalOptions,
  guess: TaskGuess | null,
): ReturnType<typeof openEvaluationData> {
  const { data, rows, part, shotsFrom, where, seed, protocol } = options
  const sample = options.sample ?? (protocol === 'mezo' ? mezo.testRows : null)
  return openEvaluationData(subject, {
    path: data ?? null,
    task: guess?.task ?? taskOf(subject, options),
    limit: rows ?? null,
    sample: sample === null ? null : { count: sample, seed },
    skipBadRows: options.skipBadRows === true,
    part,
    shotsPath: shotsFrom ?? null,
    filters: where,
  })
}

const defaultMaxTokens = 128

function writingOf({ protocol, maxTokens, stop }: EvalOptions): {
  maxTokens: number
  stops: readonly string[]
} {
  const isMezo = protocol === 'mezo'
  return {
    maxTokens: maxTokens ?? (isMezo ? mezo.maxTokens : defaultMaxTokens),
    stops: isMezo ? [...stop, mezo.stop] : stop,
  }
}

function metrics(text: string): readonly MetricName[] {
  const names = text.split(',').map((name) => name.trim())
  const found = metricNames.filter((name) => names.includes(name))
  if (names.every((name) => found.some((metric) => metric === name))) return found
  throw new InvalidArgumentError(`Expected some of ${metricNames.join(',')}.`)
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, escapedText(value)]
}
