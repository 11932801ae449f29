import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Objective } from '../../core/data/example.js'
import { loadModel } from '../../core/engine/loaded-model.js'
import { openDevice } from '../../core/engine/open-device.js'
import type { Device } from '../../core/runtime/device.js'
import { keepLibrary } from '../../core/runtime/shared-library.js'
import { openState } from '../../core/training/open-state.js'
import { readJob, runFolder } from '../../core/training/run-folder.js'
import { readState } from '../../core/training/state-file.js'
import { differentiate, factorTable, sequenceExamples } from '../support/differentiated-model.js'
import { goldenGguf, goldenModels } from '../support/golden-models.js'
import { softwareGpu } from '../support/software-gpu.js'

const root = resolve(import.meta.dirname, '../..')
const demo = join(root, 'resources', 'demo')
const modelFile = join(demo, 'zerotune-demo.Q4_1.gguf')
const folder = mkdtempSync(join(tmpdir(), 'zerotune-webgpu-'))
const gpu = await softwareGpu()

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs the command line in a process of its own, with SwiftShader as its GPU. */
async function zerotune(...args: readonly string[]): Promise<{ status: number | null; output: string }> {
  const child = spawn(process.execPath, [join(root, 'bin', 'zerotune.js'), ...args], {
    env: { ...process.env, ...gpu },
  })
  let output = ''
  const keep = (chunk: Buffer): void => void (output += chunk.toString())
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  const status = await new Promise<number | null>((done) => child.on('close', done))
  return { status, output }
}

function trainArgs(device: string, recipe: string, steps: number, name = device): string[] {
  const files = ['--data', join(demo, 'train.tsv'), '--task', join(demo, 'task.json')]
  const settings = ['--recipe', recipe, '--steps', String(steps), '--rows', '24', '--batch', '4']
  const out = ['--out', join(folder, `${recipe}-${name}`), '--device', device, '--eval-every', '100']
  return ['train', modelFile, ...files, ...settings, ...out]
}

/** Every number of a run's journal, step by step. */
function journal(name: string): Record<string, number | number[]>[] {
  const text = readFileSync(join(folder, name, 'journal.jsonl'), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line.slice(line.indexOf(' ') + 1)) as Record<string, number | number[]>)
}

/** The largest difference of two runs' numbers called `names`, in parts of them. */
function largestDifference(one: string, other: string, names: readonly string[]): number {
  const [found, expected] = [one, other].map((name) =>
    journal(name).flatMap((line) => names.flatMap((key) => line[key])),
  )
  expect(found.length).toBe(expected.length)
  return Math.max(...found.map((value, i) => Math.abs(value - expected[i]) / Math.abs(expected[i])))
}

/** SwiftShader in this process: the loader is found by its name once it is loaded. */
function openGpu(): Device {
  if (gpu === null) throw new Error('there is no Vulkan here')
  process.env.VK_ICD_FILENAMES = gpu.VK_ICD_FILENAMES
  expect(keepLibrary(join(gpu.LD_LIBRARY_PATH, 'libvulkan.so.1'))).toBe(null)
  return openDevice('webgpu', { threads: 2 })
}

const text: Objective = { kind: 'text' }
/** The provider has other kernels for 32 positions and more. */
const batch = sequenceExamples([7, 70, 32], 300)

describe.skipIf(gpu === null)(`WebGPU on SwiftShader${gpu === null ? ' (no Vulkan here)' : ''}`, () => {
  it('is found by the doctor, named, and not taken by auto', async () => {
    const { status, output } = await zerotune('doctor', '--json')
    expect(status).toBe(0)
    expect(JSON.parse(output)).toMatchObject({
      devices: [
        { name: 'cpu' },
        { name: 'webgpu', isSoftware: true, reason: null },
        { name: 'cuda' },
        { name: 'dml' },
      ],
      auto: { device: 'cpu', reason: { kind: 'gpu-is-software' } },
      precision: { precision: 'float32', reason: { kind: 'halves-missing' } },
    })
  })

  it('has no half floats: they are refused by name, and the runtime prints nothing of having been asked', async () => {
    const args = trainArgs('webgpu', 'exact-rows', 2)
    const { status, output } = await zerotune(...args, '--precision', 'float16')
    expect(status).toBe(1)
    expect(output).toMatch(/^zerotune: not available: float16 on webgpu: .*use --precision float32/)
    expect(output).not.toContain('onnxruntime')
  })

  it('has the losses of the processor and each of its gradients', async () => {
    const model = loadModel(modelFile)
    const table = factorTable(model.description, 0, model.description.layerCount)
    const expected = await differentiate(model, text).gradient(batch, table)
    const found = await differentiate(model, text, { device: openGpu() }).gradient(batch, table)
    expect(Math.abs(found.loss / expected.loss - 1)).toBeLessThan(1e-4)
    for (const [layer, vectors] of expected.gradient) {
      for (const [name, values] of Object.entries(vectors)) {
        const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
        const others = found.gradient.get(layer)?.[name] ?? []
        const error = Math.max(...values.map((value, i) => Math.abs(value - others[i]))) / largest
        expect(error, `${layer} ${name}`).toBeLessThan(1e-4)
      }
    }
    model.close()
  })

  it.each(['gemma3', 'smollm3', 'stablelm'])('has those of other architectures, %s', async (name) => {
    const golden = goldenModels().find(([each]) => each === name)?.[1]
    if (golden === undefined) throw new Error(`there is no golden model '${name}'`)
    const path = join(folder, `${name}.gguf`)
    writeFileSync(path, goldenGguf(golden))
    const model = loadModel(path)
    const table = factorTable(model.description, 0, model.description.layerCount)
    const rows = sequenceExamples([9, 40], 64)
    const expected = await differentiate(model, text).gradient(rows, table)
    const found = await differentiate(model, text, { device: openGpu() }).gradient(rows, table)
    expect(Math.abs(found.loss / expected.loss - 1)).toBeLessThan(1e-4)
    const first = expected.gradient.get(0) ?? {}
    for (const [input, values] of Object.entries(first)) {
      const largest = Math.max(...values.map(Math.abs))
      const others = found.gradient.get(0)?.[input] ?? []
      const error = Math.max(...values.map((value, i) => Math.abs(value - others[i]))) / largest
      expect(error, input).toBeLessThan(5e-4)
    }
    model.close()
  })

  it('measures rows of every length as the processor does', async () => {
    const files = [
      '--data',
      join(demo, 'dev.tsv'),
      '--task',
      join(demo, 'task.json'),
      '--rows',
      '8',
      '--json',
    ]
    const losses = []
    for (const device of ['cpu', 'webgpu']) {
      const { output } = await zerotune('eval', modelFile, ...files, '--device', device)
      losses.push((JSON.parse(output) as { loss: number }).loss)
    }
    expect(Math.abs(losses[1] / losses[0] - 1)).toBeLessThan(1e-4)
  })

  it('refuses to generate, because the attention of the provider is wrong with a cache', async () => {
    const { status, output } = await zerotune('generate', modelFile, '--prompt', 'Hi', '--device', 'webgpu')
    expect(status).toBe(1)
    expect(output).toContain('use --device cpu')
  })

  it('probes a block and its neighbours as the processor does, and its journal gives the same state', async () => {
    for (const device of ['cpu', 'webgpu']) {
      expect(await zerotune(...trainArgs(device, 'qzo-rows', 2))).toMatchObject({ status: 0 })
    }
    expect(largestDifference('qzo-rows-webgpu', 'qzo-rows-cpu', ['plus', 'minus'])).toBeLessThan(1e-4)
    const run = runFolder(join(folder, 'qzo-rows-webgpu'))
    const job = readJob(run)
    expect(job.device).toBe('webgpu')
    const { step, state } = readState(run.bestStatePath)
    expect(step).toBe(2)
    const model = loadModel(modelFile)
    const replayed = openState(run, job, model, step)
    expect(replayed.parameters.save()).toEqual(state)
    model.close()
  })

  it('takes exact steps as the processor does, and computes lost ones again bit by bit', async () => {
    for (const device of ['cpu', 'webgpu']) {
      expect(await zerotune(...trainArgs(device, 'exact-all', 2))).toMatchObject({ status: 0 })
    }
    expect(largestDifference('exact-all-webgpu', 'exact-all-cpu', ['loss', 'gradientNorm'])).toBeLessThan(
      1e-4,
    )
    // Without its checkpoint every step is computed again and compared with the journal: equal on the same device.
    const run = runFolder(join(folder, 'exact-all-webgpu'))
    rmSync(run.checkpointPath)
    expect(await zerotune('resume', run.path)).toMatchObject({ status: 0 })
    rmSync(run.checkpointPath)
    const elsewhere = await zerotune('resume', run.path, '--device', 'cpu')
    expect(elsewhere).toMatchObject({ status: 0 })
    expect(elsewhere.output).toContain('the run began on webgpu')
  })

  it('leaves lower layers to the processor, trains as it does, and goes on with the same bits', async () => {
    const args = trainArgs('webgpu', 'exact-all', 2, 'split')
    const { status, output } = await zerotune(...args, '--device-layers', '3')
    expect(status).toBe(0)
    expect(output).toContain('layers 0-0 on the processor')
    expect(largestDifference('exact-all-split', 'exact-all-cpu', ['loss', 'gradientNorm'])).toBeLessThan(1e-4)
    const run = runFolder(join(folder, 'exact-all-split'))
    expect(readJob(run)).toMatchObject({ device: 'webgpu', processorLayers: 1 })
    rmSync(run.checkpointPath)
    // Every step is computed again and compared with the journal, on both devices as before.
    expect(await zerotune('resume', run.path)).toMatchObject({ status: 0 })
  })
})

it.skipIf(process.platform === 'win32')('a device that this system cannot have is refused', async () => {
  const { status, output } = await zerotune(
    'eval',
    modelFile,
    ...['--data', join(demo, 'dev.tsv'), '--task', join(demo, 'task.json'), '--device', 'dml'],
  )
  expect(status).toBe(1)
  expect(output).toContain('DirectML is a part of Windows')
})
