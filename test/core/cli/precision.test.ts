import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { precisionOf } from '../../../core/cli/precision.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { readJob, runFolder } from '../../../core/training/run-folder.js'
import { runCommand } from '../../support/command-line.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

it('a run in half floats says so, notes its loss scale, and differs from one in floats by rounding', async () => {
  const folder = temporaryFolder()
  const files = writeTinyFiles(folder)
  const train = async (out: string, ...more: readonly string[]) => {
    const path = join(folder, out)
    const settings = ['--recipe', 'exact-rows', '--steps', '2', '--batch', '4', '--out', path, ...more]
    const outcome = await runCommand('train', files.model, ...files.data, ...files.task, ...settings)
    expect(outcome).toMatchObject({ status: 0, errors: '' })
    const lines = readFileSync(runFolder(path).journalPath, 'utf8').trimEnd().split('\n')
    const steps = lines.map((line) => JSON.parse(line.slice(line.indexOf(' ') + 1)) as { loss: number })
    return { ...outcome, steps, job: readJob(runFolder(path)) }
  }
  const floats = await train('floats', '--device', 'cpu')
  expect(floats.job.precision).toBe('float32')
  expect(floats.output).not.toContain('half floats')
  expect(floats.steps.every((step) => !('lossScale' in step))).toBe(true)

  const halves = await train('halves', '--device', 'cpu', '--precision', 'float16')
  expect(halves.job.precision).toBe('float16')
  expect(halves.output).toContain('products in half floats')
  expect(halves.steps).toMatchObject([{ lossScale: 2 ** 16 }, { lossScale: 2 ** 16 }])
  expect(halves.steps[0].loss).not.toBe(floats.steps[0].loss)
  expect(Math.abs(halves.steps[0].loss / floats.steps[0].loss - 1)).toBeLessThan(1e-3)
})

it('a model that runs by its own graph is not asked about half floats', async () => {
  const device = {
    ...openCpuDevice(),
    hasMemory: true,
    open: () => Promise.reject(new Error('it was opened')),
  }
  expect(await precisionOf({ precision: 'auto' }, device, true)).toBe('float32')
  await expect(precisionOf({ precision: 'auto' }, device)).rejects.toThrow('it was opened')
})

it('a precision that there is not is refused', async () => {
  const outcome = await runCommand('plan', 'model.gguf', '--precision', 'bfloat16')
  expect(outcome.status).toBe(2)
  expect(outcome.errors).toContain('Expected one of auto, float32, float16.')
})
