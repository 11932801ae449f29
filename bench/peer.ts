import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { trainingBatches } from '../core/data/batches.js'
import { textExample, type Example } from '../core/data/example.js'
import { loadDataset, type LoadedDataset } from '../core/data/load-dataset.js'
import { openModel } from '../core/engine/open-model.js'
import { requireText } from '../core/schema/task.js'
import { sharedFiles } from './sst2.js'
import type { BenchRows, BenchTask } from './tasks.js'

const launcher = fileURLToPath(new URL('../../bench/peers/pytorch/run.py', import.meta.url))

const common = {
  torchVersion: z.string(),
  threads: z.int(),
  steps: z.int(),
  stepSecondsMean: z.number(),
  stepSecondsMedian: z.number(),
  peakBytes: z.number().nullable(),
}
const figures = { devLoss: z.number(), devAccuracy: z.number() }
/** Running text has no accuracy. */
const textFigures = { ...figures, devAccuracy: z.null() }

const mezoResult = z.object({
  ...common,
  noise: z.string(),
  dtype: z.enum(['float32', 'bfloat16']),
  forwardSecondsMedian: z.number(),
  stepToForwardRatioMedian: z.number(),
  evaluations: z.array(z.object({ forwardPasses: z.number(), seconds: z.number(), ...figures })),
})
export type PeerResult = z.infer<typeof mezoResult>

const loraResult = z.object({
  ...common,
  evaluations: z.array(z.object({ step: z.int(), seconds: z.number(), ...figures })),
})
export type LoraResult = z.infer<typeof loraResult>

const loraTextResult = loraResult.extend({
  evaluations: z.array(z.object({ step: z.int(), seconds: z.number(), ...textFigures })),
})
export type LoraTextResult = z.infer<typeof loraTextResult>

const gradientResult = z.object({ loss: z.number(), gradients: z.record(z.string(), z.array(z.number())) })
export type GradientResult = z.infer<typeof gradientResult>

export interface PeerSettings {
  readonly seed: number
  readonly steps: number
  readonly evaluateEvery: number
}

/** Runs MeZO as published, in PyTorch, on the batches that our run of the same seed sees. */
export async function measurePeer(
  task: BenchTask,
  settings: PeerSettings,
  dtype: PeerResult['dtype'] = 'float32',
): Promise<PeerResult> {
  const args = [...options(settings), '--dtype', dtype]
  return mezoResult.parse(await runPeer('mezo.py', task, settings.seed, settings.steps, args))
}

/** Runs LoRA with AdamW in PyTorch on the batches that our run of the same seed sees. */
export async function measureLora(task: BenchTask, settings: PeerSettings): Promise<LoraResult> {
  return loraResult.parse(await runPeer('lora.py', task, settings.seed, settings.steps, options(settings)))
}

/** As `measureLora`, on running text. */
export async function measureLoraText(text: BenchRows, settings: PeerSettings): Promise<LoraTextResult> {
  return loraTextResult.parse(
    await runPeer('lora.py', text, settings.seed, settings.steps, options(settings)),
  )
}

/** PyTorch's gradients of the first batch of a seed, of log-factors on the rows of every linear. */
export async function torchGradients(task: BenchTask, seed: number): Promise<GradientResult> {
  return gradientResult.parse(await runPeer('gradients.py', task, seed, 1, []))
}

function options({ seed, steps, evaluateEvery }: PeerSettings): string[] {
  return ['--steps', String(steps), '--seed', String(seed), '--eval-every', String(evaluateEvery)]
}

async function runPeer(
  program: string,
  task: BenchRows,
  seed: number,
  steps: number,
  args: readonly string[],
): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-peer-'))
  const batches = join(folder, 'batches.json')
  const out = join(folder, 'result.json')
  try {
    writeFileSync(batches, JSON.stringify(peerInput(task, seed, steps)))
    await runPython([program, '--model', sharedFiles().model, '--batches', batches, ...args, '--out', out])
    return JSON.parse(readFileSync(out, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The rows of a task, as our run of `seed` sees them. */
export function benchRows({ task, train, dev, rows, batchSize }: BenchRows, seed: number) {
  const { tokenizer, model } = openModel(sharedFiles().model, new Date())
  const skipBadRows = task.kind === 'text'
  const common = {
    task: requireText(task),
    tokenizer,
    contextLength: model.description.contextLength,
    skipBadRows,
  }
  const trainRows = loadDataset({ ...common, path: train, purpose: 'train', limit: rows })
  const devRows = loadDataset({ ...common, path: dev, purpose: 'evaluate', knownColumns: trainRows.columns })
  return {
    model,
    tokenizer,
    dataset: trainRows.dataset,
    dev: devRows.dataset.examples,
    batches: trainingBatches(trainRows.dataset.examples, batchSize, seed),
    trainRows,
  }
}

function peerInput(task: BenchRows, seed: number, steps: number) {
  const { trainRows, dev, batches } = benchRows(task, seed)
  return {
    kind: trainRows.dataset.objective.kind,
    labelTokens: labelTokens(trainRows),
    train: Array.from({ length: steps }, (_, step) => batches.at(step).map(peerExample)),
    dev: dev.map(peerExample),
  }
}

function labelTokens({ dataset: { objective } }: LoadedDataset): number[] {
  return objective.kind === 'labels' ? objective.options.map(({ tokens }) => tokens[0]) : []
}

function peerExample(example: Example) {
  return { tokens: [...textExample(example).tokens], label: example.kind === 'label' ? example.label : 0 }
}

async function runPython(args: readonly string[]): Promise<void> {
  const child = spawn('python3', [launcher, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
  const status = await new Promise<number | null>((done, failed) => {
    child.once('error', failed)
    child.once('close', done)
  })
  if (status !== 0) throw new Error(`the peer ended with status ${status}`)
}
