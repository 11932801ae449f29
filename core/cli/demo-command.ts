import { totalmem } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { readTask } from '../data/read-task.js'
import { openModel, type OpenModel } from '../engine/open-model.js'
import { writeFileAtomic } from '../formats/atomic-file.js'
import { findDemo, type DemoFiles } from '../hub/demo-files.js'
import { inspectModel } from '../model/inspect-model.js'
import { defaultBudgetBytes } from '../memory/default-budget.js'
import { openRunData, reopenRunData, type RunData } from '../training/open-data.js'
import { openTrainedRun } from '../training/open-trained.js'
import { planRun } from '../training/plan-run.js'
import { createRun, runFolder, type RunFolder } from '../training/run-folder.js'
import { exampleRows } from './demo-rows.js'
import { deviceOf, onProcessor, withDeviceOptions, type DeviceOptions } from './device.js'
import { evaluateShowing } from './evaluate-showing.js'
import { followRun } from './follow-run.js'
import { formatDuration } from './format.js'
import { freshFolder } from './fresh-folder.js'
import { modelCard } from './model-card.js'
import { quoted } from './next-steps.js'
import { integer } from './option-values.js'
import { Output, type OutputOptions } from './output.js'
import { reportLines } from './report-lines.js'
import { reportOf } from '../evaluation/report.js'
import { runCurve } from './run-curve.js'
import { withOutputOptions } from './shared-options.js'
import { writeAdapter, writeModel } from './write-export.js'

interface DemoOptions extends OutputOptions, DeviceOptions {
  readonly out: string
  readonly steps: number
  readonly seed: number
}

/** `zerotune demo`. */
export function addDemoCommand(program: Command): void {
  const command = program
    .command('demo')
    .description('the whole path on a small model that comes with the program, in about a minute')
    .option('--out <folder>', 'where a numbered folder is made', 'demo-output')
    .option('--steps <n>', 'training steps', integer(1), 1000)
    .option('--seed <n>', 'same seed, same figures', integer(0), 1)
  withOutputOptions(withDeviceOptions(command)).action(async (options: DemoOptions) => {
    const output = new Output(options)
    const started = performance.now()
    const files = findDemo()
    const folder = freshFolder(options.out)
    output.say('1. The model: small, ours, and a GGUF file like any other\n')
    const summary = inspectModel(files.model)
    output.result(summary, modelCard(summary))
    const run = runFolder(join(folder, 'run'))
    const isDone = await train(files, run, options, output)
    if (!isDone) {
      output.say(`stopped; go on with: zerotune resume ${quoted(run.path)}`)
      return
    }
    await compare(run, options, output)
    await exportAll(run, folder, options, output)
    output.say(`\ndone in ${formatDuration(performance.now() - started)}; everything is in ${folder}:`)
    for (const line of farewell) output.say(line)
  })
}

/** Trains, with a live line. Returns whether it came to its end. */
async function train(
  files: DemoFiles,
  folder: RunFolder,
  { steps, seed, ...options }: DemoOptions,
  output: Output,
): Promise<boolean> {
  output.say('\n2. Training: which team should a support message go to? Forward passes only\n')
  const date = new Date()
  const model = openModel(files.model, date)
  const data = openDemoData(files, model, seed)
  const settings = { recipe: 'qzo-rows', batchSize: 16, featureLimitBytes: 2e9 } as const
  const budgetBytes = defaultBudgetBytes(totalmem())
  const device = await deviceOf(options, onProcessor)
  const { threads, name } = device
  const { job } = planRun({ ...settings, date, steps, seed, budgetBytes, threads, device: name }, model, data)
  createRun(folder, job)
  const { reason } = await followRun({ folder, job, model, data, device }, output)
  return reason !== 'stopped'
}

function openDemoData(files: DemoFiles, model: OpenModel, seed: number): RunData {
  const request = { path: files.train, devPath: files.dev, task: readTask(files.task), seed }
  return openRunData({ ...request, limit: null, skipBadRows: false }, model)
}

/** Figures and five rows, before and after. */
async function compare({ path }: RunFolder, options: DeviceOptions, output: Output): Promise<void> {
  output.say('\n3. Before and after, on messages that it was not trained on\n')
  const run = openTrainedRun(path)
  const device = await deviceOf(options, onProcessor)
  const { model } = run
  const data = reopenRunData(run.job, model, path).dev
  const before = await evaluateShowing(output, device, model.model, data.dataset, () => null)
  const after = await evaluateShowing(
    output,
    device,
    model.model,
    data.dataset,
    run.parameters.overrides(null),
  )
  const reports = {
    before: reportOf(data.dataset.objective, before),
    after: reportOf(data.dataset.objective, after),
  }
  for (const [name, report] of Object.entries(reports)) {
    for (const line of reportLines(report)) output.say(`${name.padEnd(6)}  ${line}`)
  }
  const rows = exampleRows(data, before.scores, after.scores)
  output.emit({ ...reports, rows })
  output.say('\nfive of them:')
  for (const row of rows) {
    output.say(`  ${row.message}`)
    output.say(`    expected ${row.expected}; before ${row.before}, after ${row.after}`)
  }
}

async function exportAll(
  { path }: RunFolder,
  folder: string,
  options: DeviceOptions,
  output: Output,
): Promise<void> {
  output.say('\n4. Written back, and loaded again\n')
  const run = openTrainedRun(path)
  const device = await deviceOf(options, onProcessor)
  await writeModel(run, { format: 'gguf' }, join(folder, 'support-router.gguf'), device, output)
  await writeModel(run, { format: 'onnx' }, join(folder, 'support-router-onnx'), device, output)
  writeAdapter(run, join(folder, 'support-router.adapter.jsonl.gz'), output)
  writeFileAtomic(join(folder, 'loss-curve.svg'), runCurve(run.folder, 'Routing support messages'), {
    overwrite: false,
  })
}

const farewell = [
  '  support-router.gguf              the same kind of file, for llama.cpp, Ollama, LM Studio',
  '  support-router-onnx              the same for onnxruntime, onnxruntime-genai, transformers.js',
  '  support-router.adapter.jsonl.gz  only the difference: zerotune apply',
  '  loss-curve.svg                   how the loss fell',
  '  run                              the run itself: zerotune eval, resume, export, generate',
  '',
  'With a model and rows of your own:',
  '  zerotune inspect MODEL.gguf',
  "  zerotune train MODEL.gguf --data ROWS.csv --prompt '{column} ...' --out RUN",
  '  zerotune export RUN --format gguf',
]
