import { resolve } from 'node:path'
import type { Command } from 'commander'
import { describeData, type DataDescription } from '../data/describe-data.js'
import { openModel, type OpenModel } from '../engine/open-model.js'
import { EngineError } from '../schema/engine-error.js'
import type { Task } from '../schema/task.js'
import { checkData, type DataCheck } from '../training/check-data.js'
import { measurePass } from '../training/measure-pass.js'
import { openRunData, type RunData } from '../training/open-data.js'
import { checkLines, rowsBeyond } from './check-lines.js'
import { descriptionLines } from './description-lines.js'
import { deviceOf, withDeviceOptions, type DeviceOptions } from './device.js'
import { integer } from './option-values.js'
import { Output, type OutputOptions } from './output.js'
import { selectionFromOptions, withRowOptions, type RowOptions } from './row-options.js'
import { withOutputOptions, withTaskOptions } from './shared-options.js'
import { taskFromOptions, type TaskOptions } from './task-options.js'

interface CheckOptions extends OutputOptions, TaskOptions, RowOptions, DeviceOptions {
  readonly model?: string
  readonly dev?: string
  readonly seed: number
  readonly rows?: number
  readonly time?: boolean
}

/** `zerotune data check`. */
export function addDataCommands(program: Command): void {
  const command = program
    .command('data')
    .description('look at data files')
    .command('check')
    .description('say what is in a data file, what the model would read, and which rows to look at')
    .argument('<file>', 'rows: TSV, CSV, JSONL or text')
    .option('--model <file>', 'GGUF file: shows rows as this model reads them, in its tokens')
    .option('--dev <file>', 'rows to evaluate on (default: a tenth of the data, set aside)')
    .option('--seed <n>', 'decides which rows are set aside', integer(0), 42)
    .option('--rows <n>', 'look at the first rows only', integer(1))
    .option('--time', 'measure how long a pass over the rows takes')
  withOutputOptions(withDeviceOptions(withRowOptions(withTaskOptions(command)))).action(
    async (path: string, options: CheckOptions) => {
      const output = new Output(options)
      const model = options.model === undefined ? null : openModel(options.model, new Date())
      const description = describeAll(path, model?.chat != null)
      const task = taskFromOptions(options) ?? description.guess?.task ?? null
      output.emit({ kind: 'description', path: resolve(path), ...description })
      for (const line of descriptionLines(path, description)) output.say(line)
      if (model === null) {
        output.say('add --model MODEL.gguf to see rows as a model reads them, and which to look at')
        return
      }
      if (task === null)
        throw invalid('nothing suggests what to learn from these rows: add --prompt and so on')
      const { check, data } = checkRows(path, task, options, model)
      const pass =
        options.time === true ? await measurePass(await deviceOf(options), model.model, data.train) : null
      const longRows = rowsBeyond(check, options.maxTokens ?? check.contextLength)
      output.emit({ kind: 'check', ...check, longRows, pass })
      for (const line of checkLines(check, {
        pass,
        maximumTokens: options.maxTokens ?? null,
        hasColour: process.stdout.isTTY,
      }))
        output.say(line)
    },
  )
}

function describeAll(path: string, hasChat: boolean): DataDescription {
  const describing = describeData(path, { hasChat })
  let next = describing.next()
  while (next.done !== true) next = describing.next()
  return next.value
}

function checkRows(
  path: string,
  task: Task,
  options: CheckOptions,
  model: OpenModel,
): { readonly check: DataCheck; readonly data: RunData } {
  const data = openRunData(
    {
      path,
      devPath: options.dev ?? null,
      task,
      seed: options.seed,
      limit: options.rows ?? null,
      skipBadRows: true,
      selection: selectionFromOptions(options),
      hasSignatures: true,
    },
    model,
  )
  return { check: checkData(data, model), data }
}

function invalid(issue: string): EngineError {
  return new EngineError('request-invalid', { issues: [issue] }, issue)
}
