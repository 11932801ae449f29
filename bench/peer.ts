import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { trainingBatches } from '../core/data/batches.js'
import type { Example } from '../core/data/example.js'
import { loadDataset, type LoadedDataset } from '../core/data/load-dataset.js'
import { openModel } from '../core/engine/open-model.js'
import { sharedFiles, sst2 } from './sst2.js'

const launcher = fileURLToPath(new URL('../../bench/peers/mezo/run.py', import.meta.url))

const peerResult = z.object({
  noise: z.string(),
  torchVersion: z.string(),
  threads: z.int(),
  steps: z.int(),
  stepSecondsMean: z.number(),
  stepSecondsMedian: z.number(),
  forwardSecondsMedian: z.number(),
  stepToForwardRatioMedian: z.number(),
  peakBytes: z.number().nullable(),
  evaluations: z.array(z.object({ forwardPasses: z.number(), devLoss: z.number(), devAccuracy: z.number() })),
})
export type PeerResult = z.infer<typeof peerResult>

/** Runs MeZO as published, in PyTorch, on the batches that our run of the same seed sees. */
export async function measurePeer(seed: number, steps: number, evaluateEvery: number): Promise<PeerResult> {
  const { model } = sharedFiles()
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-peer-'))
  const batches = join(folder, 'batches.json')
  const out = join(folder, 'result.json')
  try {
    writeFileSync(batches, JSON.stringify(peerInput(seed, steps)))
    const args = ['--model', model, '--batches', batches, '--steps', String(steps), '--seed', String(seed)]
    await runPython([...args, '--eval-every', String(evaluateEvery), '--out', out])
    return peerResult.parse(JSON.parse(readFileSync(out, 'utf8')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function peerInput(seed: number, steps: number) {
  const { model, train, dev } = sharedFiles()
  const { tokenizer, model: loaded } = openModel(model, new Date())
  const task = {
    version: 1 as const,
    kind: 'labels' as const,
    prompt: sst2.prompt,
    labelColumn: sst2.labelColumn,
    labels: { ...sst2.labels },
  }
  const common = { task, tokenizer, contextLength: loaded.description.contextLength }
  const trainRows = loadDataset({ ...common, path: train, purpose: 'train', limit: sst2.rows })
  const devRows = loadDataset({ ...common, path: dev, purpose: 'evaluate', knownColumns: trainRows.columns })
  const atStep = trainingBatches(trainRows.dataset.examples, sst2.batchSize, seed)
  return {
    labelTokens: labelTokens(trainRows),
    train: Array.from({ length: steps }, (_, step) => atStep.at(step).map(peerExample)),
    dev: devRows.dataset.examples.map(peerExample),
  }
}

function labelTokens({ dataset: { objective } }: LoadedDataset): number[] {
  return objective.kind === 'labels' ? objective.options.map(({ tokens }) => tokens[0]) : []
}

function peerExample(example: Example) {
  return { tokens: [...example.tokens], label: example.kind === 'label' ? example.label : 0 }
}

async function runPython(args: readonly string[]): Promise<void> {
  const child = spawn('python3', [launcher, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
  const status = await new Promise<number | null>((done, failed) => {
    child.once('error', failed)
    child.once('close', done)
  })
  if (status !== 0) throw new Error(`the peer ended with status ${status}`)
}
