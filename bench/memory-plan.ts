import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openModel } from '../core/engine/open-model.js'
import type { MemoryPlan } from '../core/schema/memory-plan.js'
import type { RecipeName } from '../core/schema/recipe.js'
import type { Task } from '../core/schema/task.js'
import { openRunData } from '../core/training/open-data.js'
import { planRun } from '../core/training/plan-run.js'
import { runTraining } from './run-cli.js'
import { sharedFiles } from './sst2.js'
import { sst2Task, trecTask } from './tasks.js'

/** A run whose memory is planned and then measured. */
interface MemoryCase {
  readonly name: string
  readonly model: string
  readonly data: string
  readonly task: Task
  readonly rows: number
  readonly recipe: RecipeName
  readonly layers?: readonly [first: number, last: number]
}

export interface MemoryCaseResult {
  readonly name: string
  readonly plan: MemoryPlan
  readonly peakBytes: number
  /** Planned / measured − 1. */
  readonly error: number
}

/** Plans each case, runs a few steps of it in a process of its own, and compares the peaks. */
export async function measureMemoryPlans(report: (line: string) => void): Promise<MemoryCaseResult[]> {
  const results: MemoryCaseResult[] = []
  for (const each of memoryCases()) {
    const plan = planOf(each)
    const peakBytes = await peakOf(each)
    const error = plan.totalBytes / peakBytes - 1
    report(
      `${each.name}: planned ${megabytes(plan.totalBytes)}, measured ${megabytes(peakBytes)} (${(100 * error).toFixed(0)} %)`,
    )
    results.push({ name: each.name, plan, peakBytes, error })
  }
  return results
}

function memoryCases(): MemoryCase[] {
  const { model } = sharedFiles()
  const sst2 = { model, data: sst2Task().train, task: sst2Task().task, rows: 4096 }
  const trec = { model, data: trecTask().train, task: trecTask().task, rows: 4096 }
  const text: Task = { version: 1, kind: 'text', text: '{text}' }
  const wiki = {
    model,
    data: resolve(sst2.data, '..', '..', 'wikitext2', 'valid.txt'),
    task: text,
    rows: 300,
  }
  const demo = resolve('resources', 'demo')
  const small = {
    model: join(demo, 'zerotune-demo.Q4_1.gguf'),
    data: join(demo, 'train.tsv'),
    task: { version: 1, kind: 'labels', prompt: '{message}\nTeam:', labelColumn: 'team' } as const,
    rows: 960,
  }
  return [
    { name: 'SST-2, exact-rows, all layers', ...sst2, recipe: 'exact-rows' },
    { name: 'SST-2, exact-rows, upper half', ...sst2, recipe: 'exact-rows', layers: [15, 29] },
    { name: 'SST-2, exact-lora', ...sst2, recipe: 'exact-lora' },
    { name: 'SST-2, qzo-rows', ...sst2, recipe: 'qzo-rows' },
    { name: 'SST-2, qzo', ...sst2, recipe: 'qzo' },
    { name: 'TREC, exact-rows', ...trec, recipe: 'exact-rows' },
    { name: 'WikiText-2, exact-rows', ...wiki, recipe: 'exact-rows' },
    { name: 'WikiText-2, qzo-rows', ...wiki, recipe: 'qzo-rows' },
    { name: 'demo, exact-rows', ...small, recipe: 'exact-rows' },
  ]
}

const steps = 4

function planOf({ model: path, data: dataPath, task, rows, recipe, layers }: MemoryCase): MemoryPlan {
  const model = openModel(path, new Date(0))
  const request = { path: dataPath, devPath: null, task, seed: 1, limit: rows, skipBadRows: false }
  const data = openRunData(request, model)
  const choices = { date: new Date(0), recipe, steps, batchSize: 16, seed: 1, evaluateEvery: steps }
  const limits = { featureLimitBytes: 2e9, budgetBytes: 24e9 }
  return planRun({ ...choices, ...limits, ...(layers && { layers }) }, model, data).memory
}

async function peakOf({ model, data, task, rows, recipe, layers }: MemoryCase): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-bench-'))
  const taskPath = join(folder, 'task.json')
  try {
    writeFileSync(taskPath, JSON.stringify(task))
    const events = await runTraining([
      ...['train', model, '--data', data, '--task', taskPath, '--rows', String(rows), '--recipe', recipe],
      ...['--steps', String(steps), '--eval-every', String(steps), '--seed', '1', '--budget', '24GB'],
      ...(layers === undefined ? [] : ['--train-layers', layers.join('-')]),
      ...['--out', join(folder, 'run')],
    ])
    const end = events.find((event) => event.type === 'end')
    if (end === undefined) throw new Error('the run did not end')
    return end.peakBytes
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}
