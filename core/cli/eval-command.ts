import { basename } from 'node:path'
import type { Command } from 'commander'
import type { Dataset, Example, Objective } from '../data/example.js'
import type { ExampleScore } from '../engine/example-score.js'
import { reportOf } from '../evaluation/report.js'
import { writeFileAtomic } from '../formats/atomic-file.js'
import { openEvaluationData } from '../training/open-evaluation.js'
import { openSubject } from '../training/open-trained.js'
import { besideBase, evaluateShowing } from './evaluate-showing.js'
import { deviceOf, withDeviceOptions, type DeviceOptions } from './device.js'
import { integer } from './option-values.js'
import { Output, type OutputOptions } from './output.js'
import { reportLines } from './report-lines.js'
import { withOutputOptions, withTaskOptions } from './shared-options.js'
import { taskFromOptions, type TaskOptions } from './task-options.js'
import { refuseExisting } from './write-export.js'

interface EvalOptions extends OutputOptions, TaskOptions, DeviceOptions {
  readonly data?: string
  readonly rows?: number
  readonly skipBadRows?: boolean
  readonly predictions?: string
}

/** `zerotune eval`. */
export function addEvalCommand(program: Command): void {
  const command = program
    .command('eval')
    .description('measure a model, or what a run made of it, on rows of a data file')
    .argument('<model-or-run>', 'GGUF file, or folder of a run')
    .option('--data <file>', "rows: TSV, CSV or JSONL (default: the run's own dev rows)")
    .option('--rows <n>', 'use the first rows only', integer(1))
    .option('--skip-bad-rows', 'go on after a row that cannot be used, and count it')
    .option('--predictions <file>', 'write what the model said of each row, as JSONL')
  withOutputOptions(withDeviceOptions(withTaskOptions(command))).action(
    async (path: string, options: EvalOptions) => {
      const output = new Output(options)
      if (options.predictions !== undefined) refuseExisting(options.predictions)
      const task = taskFromOptions(options)
      const subject = openSubject(path, new Date())
      const data = openEvaluationData(subject, {
        path: options.data ?? null,
        task,
        limit: options.rows ?? null,
        skipBadRows: options.skipBadRows === true,
      })
      for (const notice of data.notices) output.say(`note: ${notice}`)
      if (data.skippedCount > 0) {
        output.say(`note: left out ${data.skippedCount} bad rows, the first: ${data.skippedMessages[0]}`)
      }
      const overrides = subject.kind === 'run' ? subject.parameters.overrides(null) : () => null
      const { dataset } = data
      const device = deviceOf(options)
      const model = subject.model.model
      // A model alone has no other base than itself, to which it would always be equal.
      const rows = subject.kind === 'run' ? await besideBase(output, device, model, dataset) : dataset
      const evaluation = await evaluateShowing(output, device, model, rows, overrides)
      const report = reportOf(dataset.objective, evaluation)
      const step = subject.kind === 'run' ? subject.step : null
      const about = step === null ? basename(path) : `${basename(path)}, best state (step ${step})`
      output.result(
        { ...report, data: data.path, skippedRows: data.skippedCount, step, notices: data.notices },
        [`${about}, on ${basename(data.path)}:`, ...reportLines(report, subject.kind)],
      )
      if (options.predictions !== undefined) {
        writeFileAtomic(options.predictions, predictionLines(dataset, evaluation.scores), {
          overwrite: false,
        })
      }
    },
  )
}

function predictionLines({ objective, examples }: Dataset, scores: readonly ExampleScore[]): string {
  return examples
    .map((example, i) => `${JSON.stringify(prediction(objective, example, scores[i]))}\n`)
    .join('')
}

function prediction(objective: Objective, example: Example, score: ExampleScore): object {
  const { loss, tokens, isCorrect, margin } = score
  if (example.kind === 'pair') return { line: example.line, loss, margin, isCorrect }
  if (objective.kind !== 'labels' || example.kind !== 'label') {
    return { line: example.line, loss, tokens, isCorrect }
  }
  const label = objective.options[example.label].name
  const predicted = score.prediction === null ? null : objective.options[score.prediction].name
  return { line: example.line, label, prediction: predicted, loss, isCorrect }
}
