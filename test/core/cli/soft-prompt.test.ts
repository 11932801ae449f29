import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command-line.js'
import { writeTinyFiles, type TinyFiles } from '../../support/tiny-files.js'

const folder = mkdtempSync(join(tmpdir(), 'zerotune-prompt-'))
const run = join(folder, 'run')
const steps = ['--steps', '6', '--batch', '8', '--eval-every', '3']
let files: TinyFiles

beforeAll(async () => {
  files = writeTinyFiles(folder)
  const prompt = ['--recipe', 'exact-prompt', '--soft-prompt', '3']
  const trained = ['train', files.model, ...files.data, ...files.task, ...prompt, ...steps, '--out', run]
  expect(await runCommand(...trained)).toMatchObject({ status: 0, errors: '' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a run that trains a soft prompt', () => {
  it('learns, and its job names the tokens that it began as', () => {
    const losses = readFileSync(join(run, 'metrics.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line.slice(9)) as { loss: number }).loss)
    expect(losses[2]).toBeLessThan(losses[0] - 0.01)
    const job = JSON.parse(readFileSync(join(run, 'job.json'), 'utf8')) as {
      recipe: { parts: { kind: string; tokens: number[] }[] }
    }
    expect(job.recipe.parts).toMatchObject([{ kind: 'soft-prompt' }])
    expect(job.recipe.parts[0].tokens).toHaveLength(3)
  })

  it('evaluates and writes text with it', async () => {
    const evaluated = await runCommand('eval', run, '--data', files.dev, '--json')
    expect(evaluated.status).toBe(0)
    const written = await runCommand(
      'generate',
      run,
      '--prompt',
      'tea',
      '--max-tokens',
      '2',
      '--temperature',
      '0',
    )
    expect(written).toMatchObject({ status: 0, errors: '' })
  })

  it('is exported as an adapter, and says that no other format has a place for it', async () => {
    expect(await runCommand('export', run, '--format', 'adapter')).toMatchObject({ status: 0 })
    for (const format of ['gguf', 'gguf-lora', 'onnx', 'safetensors']) {
      const refused = await runCommand('export', run, '--format', format, '--out', join(folder, format))
      expect(refused.status, format).toBe(2)
      expect(refused.errors, format).toContain("has no place for them: export as 'adapter'")
    }
  })

  it.each([
    [['--recipe', 'exact-prompt', '--train-layers', '1'], 'goes through all layers'],
    [['--recipe', 'exact-rows', '--soft-prompt', '3'], 'has no soft prompt to choose the start of'],
    [['--recipe', 'exact-prompt', '--soft-prompt', '3', '--soft-prompt-text', 'tea'], 'the text or a number'],
    [['--recipe', 'exact-prompt', '--soft-prompt', '900'], "the model's context holds"],
  ])('refuses %j', async (flags, message) => {
    const refused = await runCommand('plan', files.model, ...files.data, ...files.task, ...flags)
    expect(refused.status).toBe(2)
    expect(refused.errors).toContain(message)
  })
})
