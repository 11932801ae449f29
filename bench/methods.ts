import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadModel } from '../core/engine/loaded-model.js'
import { findDemo } from '../core/hub/demo-files.js'
import type { RecipeName } from '../core/schema/recipe.js'
import { passesOfStep } from '../core/training/estimate.js'
import { defaultLayers, recipeTemplates } from '../core/training/recipe-templates.js'
import { describeMachine, type Machine } from './machine.js'
import { runTraining } from './run-cli.js'
import { sharedFiles } from './sst2.js'
import { sst2Task, trecTask } from './tasks.js'

/** One run of a recipe within a budget of forward passes. */
export interface MethodRun {
  readonly subject: string
  readonly recipe: RecipeName
  readonly seed: number
  /** What was to be spent, and what was, in forward passes of the model over a batch. */
  readonly budget: number
  readonly forwardPasses: number
  readonly steps: number
  readonly before: Figures
  /** At the state that the run ends on. */
  readonly after: Figures
  readonly seconds: number
  readonly peakBytes: number
  readonly machine: Machine
}

interface Figures {
  readonly loss: number
  readonly accuracy: number | null
}

/** A model with a task. */
export interface MethodSubject {
  readonly name: string
  readonly model: string
  readonly train: string
  readonly dev: string
  readonly task: object
  /** Rows of the training file that a run uses. */
  readonly rows: number
}

const batchSize = 16
/** Few, since one costs as much as many steps. */
const evaluations = 3

/** Recipes of one kind of task: all by forward passes, and exact gradients as what could be reached. */
export const surveyed: readonly RecipeName[] = [
  'qzo-rows',
  'qzo-rows-momentum',
  'qzo-rows-adam',
  'dizo',
  'qzo',
  'fzoo',
  'kerzoo',
  'spsa-curvature',
  'lezo',
  'pezo',
  'lozo',
  'zo-muon',
  'qzo-paper',
  'quzo',
  'qes',
  'eggroll',
  'zeroqat',
  'exact-rows',
]

/** The demonstration's model and rows, which are in the repository. */
export function demoSubject(): MethodSubject {
  const { task, ...files } = findDemo()
  return { name: 'demo', ...files, task: JSON.parse(readFileSync(task, 'utf8')) as object, rows: 960 }
}

/** SmolLM2 on its two tasks. */
export function smolSubjects(): MethodSubject[] {
  return [sst2Task(), trecTask()].map(({ name, task, train, dev, rows }) => {
    return { name, model: sharedFiles().model, train, dev, task, rows }
  })
}

/**
 * Runs every recipe with every seed within the budget, and appends a line to `path` after each: what is there already is not
 * run again, so that hours of it can be had in parts.
 */
export async function surveyMethods(
  subject: MethodSubject,
  budget: number,
  seeds: readonly number[],
  path: string,
  report: (line: string) => void,
): Promise<void> {
  for (const seed of seeds) {
    for (const recipe of surveyed) {
      const isSame = (run: MethodRun): boolean =>
        run.subject === subject.name && run.recipe === recipe && run.seed === seed && run.budget === budget
      if (readMethodRuns(path).some(isSame)) continue
      const run = await runMethod(subject, recipe, budget, seed)
      appendFileSync(path, `${JSON.stringify(run)}\n`)
      const { before, after } = run
      report(
        `${subject.name}, ${recipe}, seed ${seed}: loss ${before.loss.toFixed(4)} to ${after.loss.toFixed(4)}, accuracy ${after.accuracy?.toFixed(4) ?? ''}`,
      )
    }
  }
}

/** The runs so far. */
export function readMethodRuns(path: string): MethodRun[] {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as MethodRun)
}

async function runMethod(
  subject: MethodSubject,
  recipe: RecipeName,
  budget: number,
  seed: number,
): Promise<MethodRun> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-bench-'))
  try {
    const task = join(folder, 'task.json')
    writeFileSync(task, JSON.stringify(subject.task))
    const steps = stepsWithin(subject, recipe, budget)
    const events = await runTraining([
      ...['train', subject.model, '--data', subject.train, '--dev', subject.dev, '--task', task],
      ...['--rows', String(subject.rows), '--recipe', recipe, '--batch', String(batchSize)],
      ...['--steps', String(steps), '--eval-every', String(Math.ceil(steps / evaluations))],
      ...['--seed', String(seed), '--out', join(folder, 'run')],
    ])
    const end = events.find((event) => event.type === 'end')
    const lastStep = events.findLast((event) => event.type === 'step')
    if (end === undefined || lastStep === undefined) throw new Error(`the run of ${recipe} has no end`)
    const { before, after, forwardPasses, peakBytes } = end
    return {
      ...{ subject: subject.name, recipe, seed, budget, forwardPasses, steps },
      before: { loss: before.loss, accuracy: before.accuracy },
      after: { loss: after.loss, accuracy: after.accuracy },
      seconds: (lastStep.stepMs * steps) / 1000,
      peakBytes,
      machine: describeMachine(),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Steps that cost about the budget; frozen layers below the first trained one run once a row, into the feature cache. */
function stepsWithin({ model: path, rows }: MethodSubject, recipe: RecipeName, budget: number): number {
  const model = loadModel(path)
  const { layerCount } = model.description
  model.close()
  const template = recipeTemplates[recipe]
  const below = defaultLayers(recipe, layerCount).firstLayer / layerCount
  const passes = template.estimator === 'probes' ? passesOfStep(template) : 3
  return Math.floor((budget - (below * rows) / batchSize) / (passes * (1 - below)))
}
