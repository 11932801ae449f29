import type { Command } from 'commander'
import { reopenRunData } from '../training/open-data.js'
import type { RunContext } from '../training/open-run.js'
import { planRun } from '../training/plan-run.js'
import { openRunModel } from '../training/open-trained.js'
import { startFrom } from '../training/start-from.js'
import { createRun, readJob, refuseUsedFolder, runFolder } from '../training/run-folder.js'
import { deviceOfRun, withDeviceOptions, type DeviceOptions } from './device.js'
import { followRun } from './follow-run.js'
import { guessLines } from './guessed-task.js'
import { modelHashes } from './model-hashes.js'
import { quoted } from './next-steps.js'
import { Output, type OutputOptions } from './output.js'
import { planLine, startLine } from './plan-line.js'
import { withOutputOptions } from './shared-options.js'
import { openTraining, withTrainingOptions, type TrainingOptions } from './training-options.js'

interface TrainOptions extends TrainingOptions, OutputOptions {
  readonly out: string
}

/** `zerotune train` and `zerotune resume`. */
export function addTrainCommands(program: Command): void {
  const command = program
    .command('train')
    .description('train a model on a data file')
    .requiredOption('--out <folder>', 'folder of the run')
  withOutputOptions(withTrainingOptions(command)).action(async (modelPath: string, options: TrainOptions) => {
    const folder = runFolder(options.out)
    refuseUsedFolder(folder)
    const { model, data, device, choices, guess } = await openTraining(modelPath, options)
    const plan = planRun(choices, model, data)
    const output = new Output(options)
    for (const line of guess === null ? [] : guessLines(guess)) output.say(line)
    output.say(planLine(plan))
    const { job, startState } =
      options.from === undefined
        ? { job: plan.job, startState: null }
        : startFrom(runFolder(options.from), plan.job, model)
    if (job.start !== null) output.say(startLine(job.start))
    createRun(folder, job, startState)
    await follow({ folder, job, model, data, device }, options)
  })

  const resume = program
    .command('resume')
    .description('go on with a run that was stopped or killed')
    .argument('<run>', 'folder of the run')
  withOutputOptions(withDeviceOptions(resume)).action(
    async (path: string, options: OutputOptions & DeviceOptions) => {
      const folder = runFolder(path)
      const job = readJob(folder)
      const device = await deviceOfRun(options, job, new Output(options))
      const model = openRunModel(job, modelHashes())
      const data = reopenRunData(job, model)
      await follow({ folder, job, model, data, device }, options)
    },
  )
}

/** Runs a job and says what to do next. */
async function follow(context: Omit<RunContext, 'now'>, options: OutputOptions): Promise<void> {
  const output = new Output(options)
  const { reason } = await followRun(context, output)
  const run = quoted(context.folder.path)
  output.say(`go on with: zerotune ${reason === 'stopped' ? `resume ${run}` : `export ${run} --format gguf`}`)
}
