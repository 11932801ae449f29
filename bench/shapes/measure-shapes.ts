import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { trainJob } from '../../core/schema/job.js'
import type { Task } from '../../core/schema/task.js'
import { gigabytes } from '../result-text.js'
import { runTraining } from '../run-cli.js'
import { answerRows, digitRows } from './digit-rows.js'
import { measureExport, type ExportResult } from './measure-export.js'
import { shapeCases, type ShapeCase } from './shape-cases.js'
import { writeShape } from './write-shape.js'

export interface ShapeCaseResult {
  readonly case: ShapeCase
  readonly fileBytes: number
  readonly streamedLayers: number
  readonly tokensPerRun: number
  readonly losses: readonly number[]
  /** Gradient norms, or root mean squares of slopes. */
  readonly slopes: readonly number[]
  readonly secondsAStep: number
  /** `VmHWM` of the process, evaluations included. */
  readonly peakBytes: number
  /** Whether a resumed copy has the same journal and checkpoint; null where none was resumed. */
  readonly resumesExactly: boolean | null
  readonly export: ExportResult | null
}

const steps = 3
const seed = 1

/**
 * Trains models of large shapes within their budgets, in processes of their own.
 *
 * @param folder for models of several gigabytes, which stay there, and for runs
 * @param wanted parts of the names of cases; all but the ones for trying out where it is empty
 */
export async function* measureShapes(
  folder: string,
  wanted: readonly string[],
  report: (line: string) => void,
): AsyncGenerator<ShapeCaseResult> {
  mkdirSync(folder, { recursive: true })
  for (const each of shapeCases) {
    if (wanted.length === 0 ? each.isTrial : !wanted.some((part) => each.name.includes(part))) continue
    report(`${each.name}:`)
    yield await measureCase(each, folder, report)
  }
}

async function measureCase(
  each: ShapeCase,
  folder: string,
  report: (line: string) => void,
): Promise<ShapeCaseResult> {
  const model = join(folder, `${each.shape}.${each.type}.gguf`)
  if (!existsSync(model)) writeShape({ name: each.shape, type: each.type, seed, path: model })
  const [run, copy] = [join(folder, 'run'), join(folder, 'copy')]
  for (const path of [run, copy]) rmSync(path, { recursive: true, force: true })
  const events = await runTraining(
    [
      ...['train', model, ...rowsFor(each, folder), '--recipe', each.recipe],
      ...['--steps', String(steps), '--eval-every', String(steps), '--batch', String(each.batchSize)],
      ...['--seed', String(seed), '--budget', `${each.budgetBytes / 1e6}MB`, '--out', run],
    ],
    (event) => {
      if (event.type !== 'step') return
      report(`  step ${event.step}: loss ${event.loss.toFixed(4)}, peak ${gigabytes(event.peakBytes)}`)
      if (each.resumes && event.step === steps - 1) cpSync(run, copy, { recursive: true })
    },
  )
  const end = events.find((event) => event.type === 'end')
  if (end === undefined) throw new Error('the run did not end')
  const made = events.flatMap((event) => (event.type === 'step' ? [event] : []))
  const job = trainJob.parse(JSON.parse(readFileSync(join(run, 'job.json'), 'utf8')))
  return {
    case: each,
    fileBytes: statSync(model).size,
    streamedLayers: job.streamedLayers,
    tokensPerRun: job.tokensPerRun,
    losses: made.map(({ loss }) => loss),
    slopes: made.map(({ slope }) => slope),
    secondsAStep: (made.at(-1)?.stepMs ?? 0) / 1000,
    peakBytes: end.peakBytes,
    resumesExactly: each.resumes ? await resumesAs(run, copy) : null,
    export: each.exports ? await measureExport(run, join(folder, 'exported.gguf')) : null,
  }
}

/** What was in the run's folder after its second step, as a killed process would leave it, goes on to the same end. */
async function resumesAs(run: string, copy: string): Promise<boolean> {
  await runTraining(['resume', copy])
  return ['journal.jsonl', 'checkpoint.state', 'best.state'].every((name) => {
    const [expected, found] = [join(run, name), join(copy, name)]
    return existsSync(expected) === existsSync(found) && (!existsSync(expected) || isSame(expected, found))
  })
}

function isSame(first: string, second: string): boolean {
  return readFileSync(first).equals(readFileSync(second))
}

/** Flags that name the rows of a case, one of them held out. */
function rowsFor({ task }: ShapeCase, folder: string): string[] {
  const isLabels = task === 'labels'
  const rows = (count: number, from: number): string =>
    (isLabels ? digitRows : answerRows)({ count, tokens: 256, seed: from })
  const asked: Task = isLabels
    ? { version: 1, kind: 'labels', prompt: '{text}:', labelColumn: 'kind' }
    : { version: 1, kind: 'answer', prompt: '{text}:', answer: '{tail}' }
  const [data, dev, taskPath] = ['rows.tsv', 'dev.tsv', 'task.json'].map((name) => join(folder, name))
  writeFileSync(data, rows(24, seed))
  writeFileSync(dev, rows(1, seed + 1))
  writeFileSync(taskPath, JSON.stringify(asked))
  return ['--data', data, '--dev', dev, '--task', taskPath]
}
