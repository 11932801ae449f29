import type { Command } from 'commander'
import { loadModel } from '../engine/loaded-model.js'
import { isOpenGraph, type AnyOpenModel } from '../engine/open-graph-model.js'
import { requestInvalid } from '../schema/request-invalid.js'
import { requestIssue } from '../schema/request-issues.js'
import type { TrainJob } from '../schema/job.js'
import { reopenRunData } from '../training/open-data.js'
import type { RunContext } from '../training/run-engine.js'
import { planAnyRun } from '../training/plan-any.js'
import type { GraphPlanReason } from '../training/plan-graph.js'
import { planRun, type RunChoices, type RunPlan } from '../training/plan-run.js'
import { probeLayers } from '../training/probe-layers.js'
import { openAnyRunModel } from '../training/open-trained.js'
import { startAtLora } from '../training/start-at-lora.js'
import { startAtOriginal, type OriginalStart } from '../training/start-at-original.js'
import { startFrom } from '../training/start-from.js'
import { createRun, readJob, refuseUsedFolder, runFolder, type RunFolder } from '../training/run-folder.js'
import { existingFolder } from './existing-folder.js'
import { deviceOfRun, withDeviceOptions, type DeviceOptions } from './device.js'
import { followRun } from './follow-run.js'
import { guessLines } from './guessed-task.js'
import { modelHashes } from './model-hashes.js'
import { quoted } from './next-steps.js'
import { Output, type OutputOptions } from './output.js'
import { planLine, startLine } from './plan-line.js'
import { precisionOf } from './precision.js'
import { withQuantized } from './quantize-first.js'
import { runsBeside } from './runs-beside.js'
import { withOutputOptions } from './shared-options.js'
import { openTraining, withTrainingOptions, type TrainingOptions } from './training-options.js'

interface TrainOptions extends TrainingOptions, OutputOptions {
  readonly out: string
  readonly loftq?: string
  readonly lora?: string
}

/** `zerotune train` and `zerotune resume`. */
export function addTrainCommands(program: Command): void {
  const command = program
    .command('train')
    .description('train a model on a data file')
    .requiredOption('--out <folder>', 'folder of the run')
    .option(
      '--loftq <original>',
      'exact-lora: begin at what quantization lost of this model, a GGUF file or folder in F16, BF16 or F32',
    )
    .option('--lora <file>', 'exact-lora: begin at the branches of a GGUF LoRA file for this model')
  withOutputOptions(withTrainingOptions(command)).action(async (modelPath: string, options: TrainOptions) => {
    const folder = runFolder(options.out)
    refuseUsedFolder(folder)
    const output = new Output(options)
    const context = await withQuantized(modelPath, options, folder.quantizedPath, output, (path) =>
      makeRun(path, folder, options, output),
    )
    await follow(context, options)
  })

  const resume = program
    .command('resume')
    .description('go on with a run that was stopped or killed')
    .argument('<run>', 'folder of the run')
  withOutputOptions(withDeviceOptions(resume)).action(
    async (path: string, options: OutputOptions & DeviceOptions) => {
      const folder = runFolder(path)
      const job = readJob(folder)
      const model = openAnyRunModel(job, modelHashes())
      const device = await deviceOfRun(model, options, job, new Output(options))
      await precisionOf(job, device)
      const data = reopenRunData(job, model, folder.path)
      await follow({ folder, job, model, data, device }, options)
    },
  )
}

/** Opens what the flags name, plans a run and makes its folder. */
async function makeRun(
  modelPath: string,
  folder: RunFolder,
  options: TrainOptions,
  output: Output,
): Promise<Omit<RunContext, 'now'>> {
  const { model, data, device, choices, guess } = await openTraining(modelPath, options, {
    scratchFolder: existingFolder(options.out),
    runs: runsBeside(options.out),
  })
  for (const line of guess === null ? [] : guessLines(guess)) output.say(line)
  const plan = await planShowing(choices, { model, data, device }, output)
  output.say(planLine(plan))
  const { job, startState } = startOf(plan.job, model, options, output)
  createRun(folder, job, startState)
  return { folder, job, model, data, device }
}

/** Plans the run, after layers were probed where probing is to choose them. */
async function planShowing(
  choices: RunChoices,
  { model, data, device }: Pick<RunContext, 'model' | 'data' | 'device'>,
  output: Output,
): Promise<RunPlan<GraphPlanReason>> {
  const plan = planAnyRun(choices, model, data)
  if (choices.layers !== 'auto' || isOpenGraph(model)) return plan
  const probing = probeLayers({ job: plan.job, model, data, device })
  let next = await probing.next()
  for (; next.done !== true; next = await probing.next()) {
    const { done, total } = next.value
    output.live(`probing layers: ${Math.floor((100 * done) / total)} %`)
  }
  const { firstLayer, choice } = next.value
  const layers = [firstLayer, model.model.description.layerCount - 1] as const
  const chosen = planRun({ ...choices, recipe: plan.job.recipe.name, layers }, model, data)
  return { ...chosen, job: { ...chosen.job, layerChoice: choice }, reason: plan.reason }
}

/** The job with where it begins, and that state; null for the model as it is. */
function startOf(
  job: TrainJob,
  model: AnyOpenModel,
  options: TrainOptions,
  output: Output,
): { readonly job: TrainJob; readonly startState: Uint8Array | null } {
  const begun = begunAt(options, job, model, output)
  if (begun === null) return { job, startState: null }
  const given = 'recoveredShare' in begun ? ` (${(100 * begun.recoveredShare).toFixed(1)} % of it)` : ''
  if (begun.job.start !== null) output.say(startLine(begun.job.start) + given)
  return begun
}

/** Null for the model as it is. */
function begunAt(
  { from, loftq, lora }: TrainOptions,
  job: TrainJob,
  model: AnyOpenModel,
  output: Output,
): { readonly job: TrainJob; readonly startState: Uint8Array } | OriginalStart | null {
  if ([from, loftq, lora].filter((place) => place !== undefined).length > 1) {
    const issue =
      'a run begins at an earlier one (--from), at what quantization lost (--loftq) or at branches of a file (--lora): name one'
    throw requestInvalid(issue)
  }
  if (from !== undefined) return startFrom(runFolder(from), job, model)
  if (loftq !== undefined) return beginAtOriginal(loftq, job, model, output)
  if (lora === undefined) return null
  if (isOpenGraph(model)) throw requestIssue('recipe-of-graph', { recipe: job.recipe.name })
  return startAtLora(lora, job, model)
}

function beginAtOriginal(path: string, job: TrainJob, model: AnyOpenModel, output: Output): OriginalStart {
  if (isOpenGraph(model)) throw requestIssue('recipe-of-graph', { recipe: job.recipe.name })
  const original = loadModel(path)
  try {
    return startAtOriginal(original, job, model, (layer) =>
      output.live(`what quantization lost of layer ${layer} of ${job.recipe.endLayer - 1}`),
    )
  } finally {
    original.close()
  }
}

/** Runs a job and says what to do next. */
async function follow(context: Omit<RunContext, 'now'>, options: OutputOptions): Promise<void> {
  const output = new Output(options)
  const { reason } = await followRun(context, output)
  const run = quoted(context.folder.path)
  const format = isOpenGraph(context.model) ? 'onnx' : 'gguf'
  output.say(
    `go on with: zerotune ${reason === 'stopped' ? `resume ${run}` : `export ${run} --format ${format}`}`,
  )
}
