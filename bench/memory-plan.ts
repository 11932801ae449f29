import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { trainingBatches } from '../core/data/batches.js'
import type { Dataset, Example } from '../core/data/example.js'
import { openModel } from '../core/engine/open-model.js'
import { runChunks } from '../core/engine/run-chunks.js'
import type { TrainJob } from '../core/schema/job.js'
import type { MemoryPlan } from '../core/schema/memory-plan.js'
import { openRunData } from '../core/training/open-data.js'
import { planRun } from '../core/training/plan-run.js'
import { planCases, type PlanCase } from './plan-cases.js'
import { megabytes } from './result-text.js'
import { runTraining } from './run-cli.js'

export interface PlanCaseResult {
  readonly name: string
  readonly plan: MemoryPlan
  /** `VmHWM` of the run's process. */
  readonly peakBytes: number
  /** What it held when its first step began. */
  readonly residentBytes: number
  /** Planned / measured − 1. */
  readonly error: number
}

const steps = 3

/** Seeds that are looked at for one whose first steps have the largest batch. */
const triedSeeds = 500

/** Plans each case, runs a few steps of it in a process of its own, evaluations included, and compares the peaks. */
export async function measureMemoryPlans(report: (line: string) => void): Promise<PlanCaseResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-plan-'))
  try {
    const results: PlanCaseResult[] = []
    for (const each of planCases(folder)) {
      const { plan, seed } = planOf(each)
      const { peakBytes, residentBytes } = await measure(each, seed, folder)
      const error = plan.totalBytes / peakBytes - 1
      report(
        `${each.name}: planned ${megabytes(plan.totalBytes)}, measured ${megabytes(peakBytes)} (${(100 * error).toFixed(1)} %)`,
      )
      results.push({ name: each.name, plan, peakBytes, residentBytes, error })
    }
    return results
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function planOf(each: PlanCase): { plan: MemoryPlan; seed: number } {
  const { model: path, data: dataPath, task, rows, ...choices } = each
  const model = openModel(path, new Date(0))
  const planWith = (seed: number) => {
    const request = { path: dataPath, devPath: null, task, seed, limit: rows, skipBadRows: false }
    const data = openRunData(request, model)
    const common = { date: new Date(0), steps, seed, evaluateEvery: steps, featureLimitBytes: 2e9 }
    const { memory, job } = planRun({ ...common, ...choices, features: featuresOf(choices) }, model, data)
    return { memory, job, dataset: data.train.dataset }
  }
  const { job, dataset } = planWith(1)
  const seed = seedOfLargestBatch(dataset, job)
  return { plan: planWith(seed).memory, seed }
}

/**
 * A seed with which the first steps see as large a run of a block as any step of an epoch: a plan is for the whole run. (Which
 * rows are held out depends on the seed too, but hardly how long they are.)
 */
function seedOfLargestBatch({ examples, objective }: Dataset, { batchSize, tokensPerRun }: TrainJob): number {
  const largestRun = (batch: readonly Example[]): number =>
    Math.max(
      ...[...runChunks(batch, objective, 1, tokensPerRun)].map((chunk) => {
        const rows = chunk.examples.flatMap((example) => example.rows)
        return rows.length * Math.max(...rows.map(({ tokens }) => tokens.length))
      }),
    )
  const runsOf = (seed: number, count: number): number => {
    const batches = trainingBatches(examples, batchSize, seed)
    return Math.max(...Array.from({ length: count }, (_, step) => largestRun(batches.at(step))))
  }
  const largest = runsOf(1, Math.ceil(examples.length / batchSize))
  const seeds = Array.from({ length: triedSeeds }, (_, index) => index + 1)
  return seeds.find((seed) => runsOf(seed, steps) >= 0.98 * largest) ?? 1
}

/** Every case that can has its features in a file, however few its steps are. */
function featuresOf({ layers, recipe }: Pick<PlanCase, 'layers' | 'recipe'>): 'cached' | 'direct' {
  return layers !== undefined || recipe === 'qzo-rows' ? 'cached' : 'direct'
}

async function measure(
  each: PlanCase,
  seed: number,
  folder: string,
): Promise<{ peakBytes: number; residentBytes: number }> {
  const run = mkdtempSync(join(folder, 'run-'))
  const taskPath = join(run, 'task.json')
  writeFileSync(taskPath, JSON.stringify(each.task))
  const events = await runTraining([
    ...['train', each.model, '--data', each.data, '--task', taskPath, '--rows', String(each.rows)],
    ...['--recipe', each.recipe, '--batch', String(each.batchSize), '--features', featuresOf(each)],
    ...['--steps', String(steps), '--eval-every', String(steps), '--seed', String(seed)],
    ...['--budget', `${each.budgetBytes / 1e6}MB`],
    ...(each.layers === undefined ? [] : ['--train-layers', each.layers.join('-')]),
    ...['--out', join(run, 'run')],
  ])
  rmSync(run, { recursive: true })
  const end = events.find((event) => event.type === 'end')
  const step = events.find((event) => event.type === 'step')
  if (end === undefined || step === undefined) throw new Error('the run did not end')
  return { peakBytes: end.peakBytes, residentBytes: step.residentBytes }
}
