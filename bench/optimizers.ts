import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadModel } from '../core/engine/loaded-model.js'
import { findDemo } from '../core/hub/demo-files.js'
import { ruleStateBytes } from '../core/optimizer/rule-state-bytes.js'
import { partSizes } from '../core/parameters/part-sizes.js'
import { trainJob } from '../core/schema/job.js'
import type { GradientRecipe } from '../core/schema/recipe.js'
import { spreadOf, type Spread } from './machine.js'
import { runTraining } from './run-cli.js'
import { sharedFiles } from './sst2.js'
import { sst2Task } from './tasks.js'

/** An optimizer at its best learning rate of those that were tried. */
export interface OptimizerResult {
  readonly subject: 'demo' | 'SmolLM2'
  readonly optimizer: string
  readonly learningRate: number
  readonly steps: number
  /** Of the dev rows, after the last step. */
  readonly loss: Spread
  readonly accuracy: Spread
  readonly stepMs: number
  /** Of its state, for each trained number. */
  readonly bytesPerNumber: number
}

interface Candidate {
  readonly name: string
  readonly flags: readonly string[]
  /** In parts of the recipe's learning rate. */
  readonly rates: readonly number[]
}

const adaptive = [0.1, 0.3, 1]
const signs = [0.03, 0.1, 0.3]
const candidates: readonly Candidate[] = [
  { name: 'AdamW', flags: ['--optimizer', 'adamw'], rates: adaptive },
  { name: 'AdamW, 8-bit states', flags: ['--optimizer-states', '8bit'], rates: adaptive },
  { name: 'AdamW, 4- and 2-bit states (SOLO)', flags: ['--optimizer-states', 'solo'], rates: adaptive },
  { name: 'Grass, a quarter of the rows', flags: ['--optimizer', 'grass'], rates: adaptive },
  { name: 'Lion', flags: ['--optimizer', 'lion'], rates: signs },
  { name: 'gradient descent, momentum 0.9', flags: ['--optimizer', 'sgd'], rates: [10, 30, 100] },
]

/** What a run is given beside the optimizer. */
interface Subject {
  readonly name: OptimizerResult['subject']
  readonly model: string
  readonly flags: readonly string[]
  readonly steps: number
}

const recipeRate = 0.002

/**
 * Low-rank branches by several optimizers at equal steps: on the demonstration's model at learning rates around the recipe's,
 * the best by dev loss with three seeds; on SmolLM2 each at the recipe's rate times its best on the demonstration over AdamW's.
 */
export async function* measureOptimizers(
  seeds: readonly number[],
  report: (line: string) => void,
): AsyncGenerator<OptimizerResult> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-bench-'))
  try {
    const demo = demoSubject()
    const rates: number[] = []
    for (const candidate of candidates) {
      const result = await atBestRate(demo, candidate, seeds, folder, report)
      rates.push(result.learningRate)
      yield result
    }
    const smol = smolSubject(folder)
    for (const [index, candidate] of candidates.entries()) {
      const rate = (recipeRate * rates[index]) / rates[0]
      const run = await trainOnce(smol, candidate, rate, seeds[0], folder)
      report(`SmolLM2, ${candidate.name} at ${rate}: accuracy ${run.accuracy.toFixed(4)}`)
      yield resultOf(smol, candidate, rate, [run])
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A candidate at the rate with the least dev loss for the first seed, and there with the other seeds. */
async function atBestRate(
  subject: Subject,
  candidate: Candidate,
  [seed, ...others]: readonly number[],
  folder: string,
  report: (line: string) => void,
): Promise<OptimizerResult> {
  const trials: { readonly rate: number; readonly run: Run }[] = []
  for (const part of candidate.rates) {
    const rate = part * recipeRate
    const run = await trainOnce(subject, candidate, rate, seed, folder)
    report(
      `${subject.name}, ${candidate.name} at ${rate}: loss ${run.loss.toFixed(4)}, ${run.accuracy.toFixed(4)}`,
    )
    trials.push({ rate, run })
  }
  const best = trials.reduce((least, trial) => (trial.run.loss < least.run.loss ? trial : least))
  const runs = [best.run]
  for (const other of others) runs.push(await trainOnce(subject, candidate, best.rate, other, folder))
  return resultOf(subject, candidate, best.rate, runs)
}

/** Every linear and a rank that is large enough for states in few bits, which small matrices do without. */
function demoSubject(): Subject {
  const { model, train, dev, task } = findDemo()
  const rows = ['--data', train, '--dev', dev, '--task', task]
  return {
    name: 'demo',
    model,
    flags: [...rows, '--linears', 'all', '--lora-rank', '32', '--lora-alpha', '64'],
    steps: 60,
  }
}

function smolSubject(folder: string): Subject {
  const { task, train, dev, rows } = sst2Task()
  const taskPath = join(folder, 'task.json')
  writeFileSync(taskPath, JSON.stringify(task))
  return {
    name: 'SmolLM2',
    model: sharedFiles().model,
    flags: ['--data', train, '--dev', dev, '--rows', String(rows), '--task', taskPath],
    steps: 60,
  }
}

function resultOf(
  subject: Subject,
  candidate: Candidate,
  learningRate: number,
  runs: readonly Run[],
): OptimizerResult {
  return {
    subject: subject.name,
    optimizer: candidate.name,
    learningRate,
    steps: subject.steps,
    loss: spreadOf(runs.map(({ loss }) => loss)),
    accuracy: spreadOf(runs.map(({ accuracy }) => accuracy)),
    stepMs: spreadOf(runs.map(({ stepMs }) => stepMs)).median,
    bytesPerNumber: runs[0].bytesPerNumber,
  }
}

type Run = Pick<OptimizerResult, 'stepMs' | 'bytesPerNumber'> & {
  readonly loss: number
  readonly accuracy: number
}

async function trainOnce(
  { model, flags, steps }: Subject,
  candidate: Candidate,
  learningRate: number,
  seed: number,
  folder: string,
): Promise<Run> {
  const out = mkdtempSync(join(folder, 'run-'))
  const events = await runTraining([
    ...['train', model, ...flags, '--recipe', 'exact-lora', ...candidate.flags],
    ...['--learning-rate', String(learningRate), '--steps', String(steps), '--eval-every', String(steps)],
    ...['--batch', '16', '--seed', String(seed), '--out', out],
  ])
  const last = events.findLast((event) => event.type === 'evaluation')
  const stepMs = events.findLast((event) => event.type === 'step')?.stepMs ?? 0
  const { recipe } = trainJob.parse(JSON.parse(readFileSync(join(out, 'job.json'), 'utf8')))
  if (last === undefined || recipe.estimator !== 'gradients') throw new Error('the run did not end')
  return {
    loss: last.loss,
    accuracy: last.accuracy ?? 0,
    stepMs,
    bytesPerNumber: bytesPerNumber(model, recipe),
  }
}

function bytesPerNumber(path: string, { parts, update, ...layers }: GradientRecipe): number {
  const model = loadModel(path)
  try {
    const shapes = parts.flatMap((part) => partSizes(part, model, layers)).map(({ shape }) => shape)
    const numbers = shapes.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0)
    return shapes.reduce((sum, shape) => sum + ruleStateBytes(update, shape), 0) / numbers
  } finally {
    model.close()
  }
}
