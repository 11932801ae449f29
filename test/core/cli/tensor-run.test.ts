import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command-line.js'
import { goldenGraphFolder } from '../../support/graph-models.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { ditErrors, inputsOfRows, mean, perturbedDit, writeDitRows } from '../../support/tensor-rows.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

const succeeded = { status: 0, errors: '' }
const [trainRows, devRows] = [16, 6]

interface Files {
  readonly model: string
  readonly teacher: string
  readonly data: readonly string[]
  readonly dev: string
  readonly run: string
}

async function filesOf(): Promise<Files> {
  const teacher = perturbedDit(0.2, 5)
  const dev = await writeDitRows(teacher, devRows, 2)
  const data = ['--data', await writeDitRows(teacher, trainRows, 1), '--dev', dev]
  const run = join(temporaryFolder(), 'run')
  return { model: goldenGraphFolder('dit'), teacher, data, dev, run }
}

const choices = ['--steps', '8', '--batch', '8', '--eval-every', '4', '--learning-rate', '0.02', '--quiet']

/** Mean squared error of a graph on the dev rows, by onnxruntime. */
async function devError(folder: string, teacher: string): Promise<number> {
  return mean(await ditErrors(folder, teacher, inputsOfRows(devRows, 2)))
}

async function lossOf(...args: readonly string[]): Promise<number> {
  const scored = await runCommand('eval', ...args, '--json')
  expect(scored).toMatchObject(succeeded)
  return (scored.json().at(-1) as { loss: number }).loss
}

describe('a graph from tensors to tensors', () => {
  it('is inspected and planned, without a task', async () => {
    const { model, data } = await filesOf()
    const card = await runCommand('inspect', model)
    expect(card).toMatchObject(succeeded)
    expect(card.output).toMatch(/takes {6}timestep I64 \[batch\]\n/)
    expect(card.output).toMatch(/gives {6}noise F32 \[batch, positions, 16\]\n/)
    expect(card.output).toMatch(/qzo {8}can train it\n/)
    const plan = await runCommand('plan', model, ...data)
    expect(plan).toMatchObject(succeeded)
    expect(plan.output).toMatch(/^qzo, layers 0-0: /)
  })

  it('is trained, scored, and written back as onnxruntime runs it', async () => {
    const { model, teacher, data, dev, run } = await filesOf()
    expect(await runCommand('train', model, ...data, ...choices, '--out', run)).toMatchObject(succeeded)
    const compared = await runCommand('eval', run, '--compare')
    expect(compared).toMatchObject(succeeded)
    expect(compared.output).toMatch(/6 rows, mean squared error \S+\n/)
    const out = join(temporaryFolder(), 'trained')
    const written = await runCommand('export', run, '--out', out)
    expect(written).toMatchObject(succeeded)
    expect(written.output).toContain("16 tensors changed, every other byte is the base file's")

    const [before, after] = [await lossOf(model, '--data', dev), await lossOf(run)]
    const ofFile = await lossOf(out, '--data', dev)
    expect(before / (await devError(model, teacher))).toBeCloseTo(1, 4)
    expect(ofFile / (await devError(out, teacher))).toBeCloseTo(1, 4)
    // Scales in half floats are rounded to them.
    expect(ofFile / after).toBeCloseTo(1, 2)
    expect(after).toBeLessThan(before)
    expect(readdirSync(out)).toEqual(readdirSync(model))
    expect(readFileSync(join(out, 'model.onnx_data'))).not.toEqual(
      readFileSync(join(model, 'model.onnx_data')),
    )
  })

  it('says what it made of each row', async () => {
    const { model, dev } = await filesOf()
    const predictions = join(temporaryFolder(), 'rows.jsonl')
    await runCommand('eval', model, '--data', dev, '--target', 'noise', '--predictions', predictions)
    const lines = readFileSync(predictions, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(devRows)
    expect(JSON.parse(lines[0])).toMatchObject({ line: 1, file: '0000.safetensors' })
  })

  it('leaves rows that it cannot use out where asked, and says where they are', async () => {
    const { model, data, run } = await filesOf()
    const path = join(data[1], '0003.safetensors')
    writeFileSync(path, readFileSync(path).subarray(0, -4))
    const train = ['train', model, ...data, ...choices, '--out', run]
    const refused = await runCommand(...train)
    expect(refused.status).toBe(2)
    expect(refused.errors).toContain('line 4: 0003.safetensors: expected a safetensors file')
    expect(await runCommand(...train, '--skip-bad-rows')).toMatchObject(succeeded)
    expect((await runCommand('resume', run)).output).toContain('left out 1 bad rows')
  })

  it('has outputs of its own only', async () => {
    const { model, data, run } = await filesOf()
    const train = ['train', model, ...data, ...choices, '--out', run]
    const unknown = await runCommand(...train, '--target', 'elsewhere')
    expect(unknown.status).toBe(2)
    expect(unknown.errors).toContain("no output 'elsewhere' of floats, but 'noise'")
  })

  it.each<[string, readonly string[], string]>([
    ['a text task', ['--text', '{text}'], 'reads no text'],
    ['accuracy', ['--score', 'accuracy'], 'this task has none'],
    ['exact gradients', ['--recipe', 'exact-rows'], "'exact-rows' trains something else"],
    ['a GPU', ['--device', 'webgpu'], '--device cpu'],
    ['near duplicates left out', ['--leave-out', 'nearly-repeated'], 'no columns, tokens or texts'],
  ])('refuses %s', async (_, flags, reason) => {
    const { model, data, run } = await filesOf()
    const refused = await runCommand('train', model, ...data, ...choices, ...flags, '--out', run)
    expect(refused.status).not.toBe(0)
    expect(refused.errors).toContain(reason)
  })

  it('is not talked to, and its rows train no model of text', async () => {
    const { model, data, run } = await filesOf()
    const text = await runCommand('generate', model, '--prompt', 'tea')
    expect(text.status).toBe(2)
    expect(text.errors).toContain('training, evaluation and export by the graph itself')
    const tiny = writeTinyFiles(temporaryFolder())
    const tensors = await runCommand('train', tiny.model, ...data, '--target', 'noise', '--out', run)
    expect(tensors.status).toBe(2)
    expect(tensors.errors).toContain('this model reads text')
  })
})
