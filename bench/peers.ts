import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RecipeName } from '../core/schema/recipe.js'
import { measureLora, measurePeer, type PeerResult } from './peer.js'
import type { BenchTask } from './tasks.js'
import { trainOnTask } from './train-task.js'

/** One way to train on the same batches: what a step takes, and how far it gets in what time. */
export interface PeerMethod {
  readonly method: string
  /** Of what is not ours. */
  readonly torchVersion: string | null
  readonly steps: number
  /** Mean, evaluations left out. */
  readonly stepSeconds: number
  /** What two bare forward passes take of a step; null where there are none such. */
  readonly forwardShare: number | null
  readonly peakBytes: number | null
  /** Dev losses after so many seconds of training, with the pass that fills the feature cache, without evaluations. */
  readonly curve: readonly { readonly seconds: number; readonly loss: number }[]
}

export interface PeersResult {
  readonly task: string
  readonly batchSize: number
  readonly methods: readonly PeerMethod[]
}

/** Forward passes and exact gradients, ours and in PyTorch, one after the other on the same batches. */
export async function* measurePeers(
  task: BenchTask,
  seed: number,
  report: (line: string) => void,
): AsyncGenerator<PeerMethod> {
  const methods = [
    () => measureOurs(task, 'qzo-rows', { steps: 120, evaluateEvery: 20, seed }),
    () => measureMezo(task, 'float32', { steps: 60, evaluateEvery: 60, seed }),
    () => measureMezo(task, 'bfloat16', { steps: 60, evaluateEvery: 60, seed }),
    () => measureOurs(task, 'exact-rows', { steps: 25, evaluateEvery: 5, seed }),
    () => measureTorchLora(task, { steps: 25, evaluateEvery: 5, seed }),
  ]
  for (const measure of methods) {
    const found = await measure()
    const memory = found.peakBytes === null ? '' : `, ${(found.peakBytes / 1e6).toFixed(0)} MB`
    report(`${found.method}: ${found.stepSeconds.toFixed(2)} s a step${memory}`)
    yield found
  }
}

interface Settings {
  readonly steps: number
  readonly evaluateEvery: number
  readonly seed: number
}

async function measureMezo(
  task: BenchTask,
  dtype: PeerResult['dtype'],
  settings: Settings,
): Promise<PeerMethod> {
  const found = await measurePeer(task, settings, dtype)
  return {
    method: `MeZO as published, ${dtype}`,
    torchVersion: found.torchVersion,
    steps: found.steps,
    stepSeconds: found.stepSecondsMean,
    forwardShare: 2 / found.stepToForwardRatioMedian,
    peakBytes: found.peakBytes,
    curve: found.evaluations.map(({ seconds, devLoss }) => ({ seconds, loss: devLoss })),
  }
}

async function measureTorchLora(task: BenchTask, settings: Settings): Promise<PeerMethod> {
  const found = await measureLora(task, settings)
  return {
    method: 'LoRA of rank 8, float32',
    torchVersion: found.torchVersion,
    steps: found.steps,
    stepSeconds: found.stepSecondsMean,
    forwardShare: null,
    peakBytes: found.peakBytes,
    curve: found.evaluations.map(({ seconds, devLoss }) => ({ seconds, loss: devLoss })),
  }
}

async function measureOurs(task: BenchTask, recipe: RecipeName, settings: Settings): Promise<PeerMethod> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-peers-'))
  const curve: { seconds: number; loss: number }[] = []
  let [started, cacheSeconds, stepMs] = [0, 0, 0]
  try {
    const events = await trainOnTask(task, { ...settings, recipe, folder }, (event) => {
      if (event.type === 'start') started = performance.now()
      if (event.type === 'features') cacheSeconds = (performance.now() - started) / 1000
      if (event.type === 'step') stepMs = event.stepMs
      if (event.type !== 'evaluation') return
      curve.push({ seconds: cacheSeconds + (event.step * stepMs) / 1000, loss: event.loss })
    })
    const end = events.find((event) => event.type === 'end')
    if (end === undefined) throw new Error('the run did not end')
    const method = `\`${recipe}\``
    const common = {
      method,
      torchVersion: null,
      steps: settings.steps,
      stepSeconds: stepMs / 1000,
      forwardShare: null,
    }
    return { ...common, peakBytes: end.peakBytes, curve }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
