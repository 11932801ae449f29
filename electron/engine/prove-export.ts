import {
  generate,
  openDecoder,
  openTextModel,
  type Dataset,
  type Device,
  type OpenModel,
  type TextModel,
  type TrainedRun,
} from '../../core/index.js'
import type { ExportCheck, ExportRecord } from '../ipc/exports.js'
import { promptTokens } from './compared-rows.js'
import { scoreRows } from './score-rows.js'
import type { Task } from './tasks.js'

/** Tokens of the proof at most: an answer that is longer did not stop. */
const mostTokens = 256
/** Rows that are scored again from the file. */
const mostRows = 64
/** What rounding to the file's types may cost, in nats. */
const lossTolerance = 0.02

/** What generating once showed. */
export interface Proof {
  readonly proof: NonNullable<ExportRecord['proof']>
  readonly checks: readonly ExportCheck[]
}

/**
 * Opens an exported model and lets it answer: a held-out row where answers were taught, a message of a conversation where the
 * model has a template for one, otherwise what a row asks. It must write something, and stop by itself, unless the base
 * model would not stop there either.
 */
export async function proveExport(
  path: string,
  run: TrainedRun,
  rows: Dataset | null,
  device: Device,
  task: Task,
): Promise<Proof> {
  const { job } = run
  const opened = await openTextModel(path, device, new Date(job.date))
  const teachesEnd = job.task.kind === 'answer' || job.task.kind === 'chat'
  const example = rows?.examples.at(0)
  const message = [{ role: 'user', content: greeting }]
  const row = example === undefined ? opened.tokenizer.encode(greeting, 'text') : promptTokens(example)
  const ids = teachesEnd || opened.chat === null ? row : opened.chat.prompt(message)
  const written = await writeOnce(opened, ids, task)
  const { tokenCount } = written
  const isStopped = written.reason === 'end-token'
  const fault = isStopped || teachesEnd || (await baseStops(run, ids, device, task))
  return {
    proof: {
      prompt: opened.tokenizer.decode(ids, { keepSpecial: true }),
      text: written.text,
      tokenCount,
    },
    checks: [
      { check: 'generates', passed: tokenCount > 0, finding: { code: 'tokens-written', tokenCount } },
      {
        check: 'stops',
        passed: isStopped ? true : fault ? false : null,
        finding: isStopped
          ? { code: 'ended', tokenCount }
          : fault
            ? { code: 'went-on', tokenCount }
            : { code: 'base-goes-on' },
      },
    ],
  }
}

const greeting = 'Hello'

interface Written {
  readonly text: string
  readonly tokenCount: number
  readonly reason: string
}

/** Lets a model write, at most `mostTokens` tokens, and closes it. */
async function writeOnce(
  { model, tokenizer }: Pick<TextModel, 'model' | 'tokenizer'>,
  prompt: readonly number[],
  task: Task,
): Promise<Written> {
  try {
    const sampling = { temperature: 0, topP: 1 }
    const request = { prompt: [...prompt], sampling, seed: 0, maxTokens: mostTokens, stops: [] }
    let text = ''
    for await (const event of generate({ ...request, model, tokenizer, signal: task.signal })) {
      if (event.type === 'end') return { text, tokenCount: event.tokenCount, reason: event.reason }
      text += event.text
      task.progress('proving', text.length, null, 'tokens')
      await task.breathe()
    }
    throw new Error('generation ended without an end')
  } finally {
    await model.close()
  }
}

/** Whether the model stopped at the same prompt before training. */
async function baseStops(
  { model: { model, tokenizer } }: TrainedRun,
  prompt: readonly number[],
  device: Device,
  task: Task,
): Promise<boolean> {
  const { reason } = await writeOnce({ model: await openDecoder(device, model), tokenizer }, prompt, task)
  return reason === 'end-token'
}

/**
 * Scores some held-out rows from the file and compares them with the trained state, one model in memory at a time.
 *
 * @param keepsTypes false where the file has another type than the base: then the difference is told, not judged
 */
export async function compareLosses(
  run: TrainedRun,
  keepsTypes: boolean,
  { model: exported }: OpenModel,
  { examples, objective }: Dataset,
  device: Device,
  task: Task,
): Promise<ExportCheck> {
  const rows: Dataset = { objective, examples: examples.slice(0, mostRows) }
  const base = run.model.model
  const common = { device, base, rows, phase: 'proving' } as const
  const asTrained = { ...common, model: base, overrides: run.parameters.overrides(null) }
  const expected = (await scoreRows(asTrained, task)).figures.loss
  base.layers.letGo()
  exported.layers.streamBelow(run.job.streamedLayers)
  const found = (await scoreRows({ ...common, model: exported, overrides: () => null }, task)).figures.loss
  const losses = { rowCount: rows.examples.length, trained: expected, exported: found }
  if (!keepsTypes) return { check: 'rounding', passed: null, finding: { code: 'losses-of-type', ...losses } }
  const isSame = Math.abs(found - expected) <= lossTolerance
  return { check: 'same-losses', passed: isSame, finding: { code: 'losses', ...losses } }
}
