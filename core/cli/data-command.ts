import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { describeData, type DataDescription } from '../data/describe-data.js'
import { openModel } from '../engine/open-model.js'
import { requestInvalid } from '../schema/request-invalid.js'
import type { Task } from '../schema/task.js'
import { checkData, type DataCheck } from '../training/check-data.js'
import { measurePass } from '../training/measure-pass.js'
import { openRunData, type RunData } from '../training/open-data.js'
import { characterReader, type RowReader } from '../training/row-reader.js'
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
    .option(
      '--model <file>',
      'GGUF file: shows rows as this model reads them, in its tokens; otherwise lengths are in characters',
    )
    .option('--dev <file>', 'rows to evaluate on (default: a tenth of the data, set aside)')
    .option('--seed <n>', 'decides which rows are set aside', integer(0), 42)
    .option('--rows <n>', 'look at the first rows only', integer(1))
    .option('--time', 'measure how long a pass over the rows takes')
  withOutputOptions(withDeviceOptions(withRowOptions(withTaskOptions(command)))).action(
    async (path: string, options: CheckOptions) => {
      const output = new Output(options)
      refuseWithoutModel(options)
      const model = options.model === undefined ? null : openModel(options.model, new Date())
      const description = describeAll(path, model?.chat != null)
      const task = taskFromOptions(options) ?? description.guess?.task ?? null
      output.emit({ kind: 'description', path: resolve(path), ...description })
      for (const line of descriptionLines(path, description)) output.say(line)
      if (task === null) {
        const missing = 'nothing suggests what to learn from these rows: add --prompt and so on'
        if (model !== null) throw requestInvalid(missing)
        output.say(`${missing} to see which of them to look at`)
        return
      }
      const { check, data } = await checkRows(path, task, options, model ?? characterReader)
      const pass =
        options.time === true && model !== null
          ? await measurePass(await deviceOf(options), model.model, data.train)
          : null
      const unit = model === null ? 'characters' : 'tokens'
      const longRows = rowsBeyond(check, options.maxTokens ?? check.contextLength)
      // How many tokens a pass runs depends on how many each label has.
      const ofModel = model === null && { passTokens: null, learnedTokens: null }
      output.emit({ kind: 'check', unit, ...check, ...ofModel, longRows, pass })
      for (const line of checkLines(check, {
        unit,
        pass,
        maximumTokens: options.maxTokens ?? null,
        hasColour: process.stdout.isTTY,
      }))
        output.say(line)
      if (model !== null) return
      output.say(
        'add --model MODEL.gguf to see the tokens that a model reads, the rows that are too long for it, whether each label is one token, and (--time) how long a pass takes',
      )
    },
  )
}

function describeAll(path: string, hasChat: boolean): DataDescription {
  const describing = describeData(path, { hasChat })
  let next = describing.next()
  while (next.done !== true) next = describing.next()
  return next.value
}

async function checkRows(
  path: string,
  task: Task,
  options: CheckOptions,
  reader: RowReader,
): Promise<{ readonly check: DataCheck; readonly data: RunData }> {
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
      scratchFolder: tmpdir(),
    },
    reader,
  )
  return { check: await checkData(data, reader), data }
}

/** @throws EngineError 'request-invalid' for flags that mean something with a model only */
function refuseWithoutModel({ model, maxTokens, time }: CheckOptions): void {
  if (model !== undefined) return
  if (maxTokens !== undefined) throw requestInvalid('--max-tokens counts the tokens of a model: add --model')
  if (time === true) throw requestInvalid('--time measures a model: add --model')
}
