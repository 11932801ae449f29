import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openModel } from '../core/engine/open-model.js'
import type { MemoryPlan } from '../core/schema/memory-plan.js'
import { openRunData } from '../core/training/open-data.js'
import { planRun } from '../core/training/plan-run.js'
import { planCases, type PlanCase } from './plan-cases.js'
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

/** Plans each case, runs a few steps of it in a process of its own, evaluations included, and compares the peaks. */
export async function measureMemoryPlans(report: (line: string) => void): Promise<PlanCaseResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-plan-'))
  try {
    const results: PlanCaseResult[] = []
    for (const each of planCases(folder)) {
      const plan = planOf(each)
      const { peakBytes, residentBytes } = await measure(each, folder)
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

function planOf({ model: path, data: dataPath, task, rows, ...choices }: PlanCase): MemoryPlan {
  const model = openModel(path, new Date(0))
  const request = { path: dataPath, devPath: null, task, seed: 1, limit: rows, skipBadRows: false }
  const data = openRunData(request, model)
  const common = { date: new Date(0), steps, seed: 1, evaluateEvery: steps, featureLimitBytes: 2e9 }
  return planRun({ ...common, ...choices, features: featuresOf(choices) }, model, data).memory
}

/** Every case that can has its features in a file, however few its steps are. */
function featuresOf({ layers, recipe }: Pick<PlanCase, 'layers' | 'recipe'>): 'cached' | 'direct' {
  return layers !== undefined || recipe === 'qzo-rows' ? 'cached' : 'direct'
}

async function measure(
  each: PlanCase,
  folder: string,
): Promise<{ peakBytes: number; residentBytes: number }> {
  const run = mkdtempSync(join(folder, 'run-'))
  const taskPath = join(run, 'task.json')
  writeFileSync(taskPath, JSON.stringify(each.task))
  const events = await runTraining([
    ...['train', each.model, '--data', each.data, '--task', taskPath, '--rows', String(each.rows)],
    ...['--recipe', each.recipe, '--batch', String(each.batchSize), '--features', featuresOf(each)],
    ...['--steps', String(steps), '--eval-every', String(steps), '--seed', '1'],
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

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}
