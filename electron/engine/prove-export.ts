import {
  generate,
  openTextModel,
  type Dataset,
  type Device,
  type OpenModel,
  type TrainedRun,
} from '../../core/index.js'
import type { ExportCheck, ExportRecord } from '../ipc/exports.js'
import { promptTokens } from './compared-rows.js'
import { scoreRows } from './score-rows.js'
import type { Task } from './tasks.js'

/** Tokens of the proof at most; an answer that is longer did not stop. */
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

/** Opens an exported model and lets it answer a held-out row: it must write something, and stop where it learned to. */
export async function proveExport(
  path: string,
  { job }: TrainedRun,
  rows: Dataset | null,
  device: Device,
  task: Task,
): Promise<Proof> {
  const opened = await openTextModel(path, device, new Date(job.date))
  try {
    const example = rows?.examples.at(0)
    const ids = example === undefined ? opened.tokenizer.encode('Hello', 'text') : promptTokens(example)
    const prompt = opened.tokenizer.decode(ids)
    const events = generate({
      model: opened.model,
      tokenizer: opened.tokenizer,
      prompt: ids,
      sampling: { temperature: 0, topP: 1 },
      seed: 0,
      maxTokens: mostTokens,
      stops: [],
      signal: task.signal,
    })
    let text = ''
    let tokenCount = 0
    let reason = ''
    for await (const event of events) {
      if (event.type === 'text') {
        text += event.text
        task.progress('proving', text.length, null, 'tokens')
        await task.breathe()
      } else {
        ;({ tokenCount, reason } = event)
      }
    }
    const learnsToStop = job.task.kind === 'answer' || job.task.kind === 'chat'
    return {
      proof: { prompt, text, tokenCount },
      checks: [
        { check: 'generates', passed: tokenCount > 0, detail: `${tokenCount} tokens` },
        {
          check: 'stops',
          passed: learnsToStop ? reason === 'end-token' : null,
          detail: learnsToStop ? `ended by ${reason}` : 'this task does not teach where to stop',
        },
      ],
    }
  } finally {
    await opened.model.close()
  }
}

/** Scores some held-out rows from the file and compares them with the trained state. */
export async function compareLosses(
  run: TrainedRun,
  exported: OpenModel,
  { examples, objective }: Dataset,
  device: Device,
  task: Task,
): Promise<ExportCheck> {
  const rows: Dataset = { objective, examples: examples.slice(0, mostRows) }
  const common = { device, base: run.model.model, rows, phase: 'proving' } as const
  const asTrained = { ...common, model: run.model.model, overrides: run.parameters.overrides(null) }
  const expected = (await scoreRows(asTrained, task)).figures.loss
  const found = (await scoreRows({ ...common, model: exported.model, overrides: () => null }, task)).figures
    .loss
  return {
    check: 'same-losses',
    passed: Math.abs(found - expected) <= lossTolerance,
    detail: `${rows.examples.length} rows: loss ${expected.toFixed(5)} as trained, ${found.toFixed(5)} from the file`,
  }
}
