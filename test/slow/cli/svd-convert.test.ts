import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command-line.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

/** A tiny model of half floats, split by what it reads. */
async function split() {
  const folder = temporaryFolder()
  const files = writeTinyFiles(folder, { type: 'F16', embeddingType: 'F16' })
  const text = join(folder, 'read.txt')
  writeFileSync(text, 'Tea is made of milk and rain.\n'.repeat(40))
  const [codes, lora] = [join(folder, 'codes.gguf'), join(folder, 'codes.lora.gguf')]
  const convert = (out: string, ...flags: readonly string[]) =>
    runCommand('convert', files.model, '--type', 'q4_0', '--calibration', text, ...flags, '--out', out)
  const outcome = await convert(codes, '--rounding', 'svd', '--rank', '24')
  expect(outcome).toMatchObject({ status: 0, errors: '' })
  expect(outcome.output).toContain(`--lora-rank 24 --lora ${lora}`)
  const lossOf = async (...args: readonly string[]): Promise<number> => {
    const evaluated = await runCommand('eval', ...args, ...files.data.slice(0, 2), ...files.task, '--json')
    expect(evaluated).toMatchObject({ status: 0, errors: '' })
    return (evaluated.json().at(-1) as { loss: number }).loss
  }
  return { ...files, folder, codes, lora, convert, lossOf }
}

describe('convert --rounding svd', () => {
  it('writes codes and branches that are nearer to the model together, and that training goes on from', async () => {
    const { folder, model, codes, lora, lossOf, data, task, convert } = await split()
    const before = await lossOf(model)
    const [alone, together] = [await lossOf(codes), await lossOf(codes, '--lora', lora)]
    expect(Math.abs(together - before)).toBeLessThan(0.5 * Math.abs(alone - before))

    const run = join(folder, 'run')
    const steps = ['--steps', '2', '--batch', '4', '--eval-every', '1']
    const train = (...flags: readonly string[]) =>
      runCommand('train', codes, ...data, ...task, ...steps, '--recipe', 'exact-lora', ...flags, '--out', run)
    const refused = await train('--lora', lora, '--linears', 'all')
    expect(refused.errors).toContain('--lora-rank 24')
    expect((await train('--lora', lora, '--lora-rank', '24')).errors).toContain('--linears all')
    expect(existsSync(run)).toBe(false)
    const trained = await train('--lora', lora, '--linears', 'all', '--lora-rank', '32')
    expect(trained).toMatchObject({ status: 0, errors: '' })
    const [first] = readFileSync(join(run, 'metrics.jsonl'), 'utf8').split('\n')
    const dev = ['--data', data[3]]
    const evaluated = await runCommand('eval', codes, '--lora', lora, ...dev, ...task, '--json')
    const { loss } = evaluated.json().at(-1) as { loss: number }
    expect(Math.abs((JSON.parse(first.slice(9)) as { loss: number }).loss - loss)).toBeLessThan(1e-5)
    const exported = join(folder, 'trained.lora.gguf')
    const outcome = await runCommand('export', run, '--format', 'gguf-lora', '--out', exported)
    expect(outcome).toMatchObject({ status: 0, errors: '' })

    expect((await convert(codes, '--rounding', 'svd')).errors).toContain('already exists')
    expect((await convert(`${run}.gguf`, '--rounding', 'gptq', '--rank', '8')).errors).toContain(
      '--rank is for',
    )
  })
})
