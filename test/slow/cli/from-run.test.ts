import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openState } from '../../../core/training/open-state.js'
import { openTrainedRun } from '../../../core/training/open-trained.js'
import { runCommand } from '../../support/command-line.js'
import { writeTinyFiles, type TinyFiles } from '../../support/tiny-files.js'

const folder = mkdtempSync(join(tmpdir(), 'zerotune-from-'))
const inFolder = (name: string): string => join(folder, name)
const steps = ['--steps', '4', '--batch', '8', '--eval-every', '2', '--learning-rate', '0.05']
const [exact, forward] = ['exact', 'forward'].map(inFolder)
let files: TinyFiles

interface Figures {
  readonly type: string
  readonly step: number
  readonly loss: number
}

function evaluations(run: string): Figures[] {
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line.slice(9)) as Figures)
}

beforeAll(async () => {
  files = writeTinyFiles(folder)
  const first = ['--recipe', 'exact-rows', ...files.data, ...files.task, '--out', exact]
  expect(await runCommand('train', files.model, ...first, ...steps)).toMatchObject({ status: 0, errors: '' })
  const second = ['--from', exact, '--recipe', 'qzo-rows', '--out', forward, '--seed', '7']
  const slower = ['--learning-rate', '0.01', '--steps', '8']
  const switched = await runCommand('train', files.model, ...steps, ...second, ...slower)
  expect(switched).toMatchObject({ status: 0, errors: '' })
  expect(switched.output).toMatch(
    /begins at step \d of the earlier run with exact-rows, carried over each factor/,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a run that begins where another ended', () => {
  it('starts at what the other learned, on its rows and task', () => {
    const best = Math.min(...evaluations(exact).map(({ loss }) => loss))
    const [begun] = evaluations(forward)
    expect(begun.step).toBe(0)
    expect(Math.abs(begun.loss - best)).toBeLessThan(1e-5)
    expect(best).toBeLessThan(evaluations(exact)[0].loss - 0.01)
  })

  it('exports both together, as a model and as an adapter', async () => {
    const [gguf] = (await runCommand('export', forward, '--json')).json() as [{ path: string }]
    const adapter = join(forward, 'forward.adapter.jsonl.gz')
    expect((await runCommand('export', forward, '--format', 'adapter')).status).toBe(0)
    const applied = inFolder('applied.gguf')
    expect((await runCommand('apply', adapter, files.model, '--out', applied)).status).toBe(0)
    expect(readFileSync(applied).equals(readFileSync(gguf.path))).toBe(true)
    const again = await runCommand('eval', applied, '--data', files.dev, ...files.task, '--json')
    const best = Math.min(...evaluations(forward).map(({ loss }) => loss))
    expect(Math.abs((again.json()[0] as Figures).loss - best)).toBeLessThan(2e-3)
  })

  it('goes back to exact gradients without rounding the state', async () => {
    const back = inFolder('back')
    const options = ['--from', forward, '--recipe', 'exact-rows', '--out', back]
    const outcome = await runCommand('train', files.model, ...options, ...steps)
    expect(outcome.output).toContain('carried over exactly')
    const best = Math.min(...evaluations(forward).map(({ loss }) => loss))
    expect(Math.abs(evaluations(back)[0].loss - best)).toBeLessThan(2e-6)
  })

  it('is replayed from its own start, and refuses another', async () => {
    const { folder: run, job, model, parameters, step } = openTrainedRun(forward)
    expect(step).toBeGreaterThan(0)
    expect(openState(run, job, model.model, step).parameters.save()).toEqual(parameters.save())
    writeFileSync(join(forward, 'start.state'), readFileSync(join(forward, 'best.state')))
    const refused = await runCommand('resume', forward)
    expect(refused.status).toBe(2)
    expect(refused.errors).toContain('is not the state that this run began from')
  })

  it('says what to do where the other recipe cannot hold the state', async () => {
    const branches = inFolder('branches')
    const lora = ['--recipe', 'exact-lora', '--from', exact, '--out', branches]
    const refused = await runCommand('train', files.model, ...lora, ...steps)
    expect(refused.status).toBe(2)
    expect(refused.errors).toContain("export the earlier run as 'gguf' and train that file instead")
  })
})
