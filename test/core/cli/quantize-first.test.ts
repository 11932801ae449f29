import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command-line.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

/** Files of a tiny model of half floats. */
function filesOfFloats() {
  const files = writeTinyFiles(temporaryFolder(), { type: 'F16', embeddingType: 'F16' })
  return { ...files, floats: files.model }
}

const temporaryNames = (): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('zerotune-quantized-'))
const threeBits = ['--quantize', 'int', '--quantize-bits', '3', '--quantize-block', '16']
const steps = ['--steps', '4', '--batch', '4', '--eval-every', '2', '--learning-rate', '0.1']

describe('--quantize', () => {
  it('trains a model of floats in integers, and goes on with them', async () => {
    const { folder, floats, data, task } = filesOfFloats()
    const run = join(folder, 'run')
    const trained = await runCommand('train', floats, ...data, ...task, ...steps, ...threeBits, '--out', run)
    expect(trained).toMatchObject({ status: 0, errors: '' })
    const job = JSON.parse(readFileSync(join(run, 'job.json'), 'utf8')) as { model: { path: string } }
    expect(job.model.path).toBe(join(run, 'quantized', 'tiny'))
    const config = readFileSync(join(job.model.path, 'config.json'), 'utf8')
    expect(JSON.parse(config)).toMatchObject({
      quantization_config: { bits: 3, code_bits: 4, block_size: 16, grid: 'signed', rounding: 'search' },
    })
    expect(await runCommand('eval', run)).toMatchObject({ status: 0, errors: '' })
    const exported = await runCommand('export', run, '--format', 'gguf')
    expect(exported).toMatchObject({ status: 0, errors: '' })
    // Once more, from the same floats: the same numbers.
    const again = join(folder, 'again')
    await runCommand('train', floats, ...data, ...task, ...steps, ...threeBits, '--out', again)
    expect(readFileSync(join(again, 'journal.jsonl'), 'utf8')).toBe(
      readFileSync(join(run, 'journal.jsonl'), 'utf8'),
    )
  })

  it('evaluates and plans as a folder of the same settings, and leaves nothing behind', async () => {
    const { folder, floats, data, task } = filesOfFloats()
    const before = temporaryNames()
    const out = join(folder, 'integers')
    const flags = ['--type', 'int', '--bits', '3', '--block', '16']
    expect(await runCommand('convert', floats, ...flags, '--out', out)).toMatchObject({
      status: 0,
      errors: '',
    })
    const lossOf = async (...args: string[]): Promise<unknown> => {
      const outcome = await runCommand('eval', ...args, ...data.slice(0, 2), ...task, '--json')
      expect(outcome).toMatchObject({ status: 0, errors: '' })
      return (outcome.json().at(-1) as { loss: number }).loss
    }
    const loss = await lossOf(floats, ...threeBits)
    expect(loss).toBe(await lossOf(out))
    expect(loss).not.toBe(await lossOf(floats))
    const plan = await runCommand('plan', floats, ...threeBits, ...data, ...task)
    expect(plan).toMatchObject({ status: 0, errors: '' })
    expect(temporaryNames()).toEqual(before)
  })

  it('is refused for quantized models, and for flags that do not go together', async () => {
    const { folder, floats, data, task } = filesOfFloats()
    const { model } = writeTinyFiles(temporaryFolder())
    const out = join(folder, 'refused')
    const refusal = async (path: string, ...flags: string[]): Promise<string> => {
      const { status, errors } = await runCommand('train', path, ...data, ...task, ...flags, '--out', out)
      expect(status).toBe(2)
      expect(existsSync(join(out, 'quantized'))).toBe(false)
      return errors
    }
    expect(await refusal(model, ...threeBits)).toContain('is for models in F16, BF16 or F32')
    expect(await refusal(floats, '--quantize-bits', '3')).toContain('name the type')
    expect(await refusal(floats, '--quantize', 'nf4', '--quantize-bits', '4')).toContain(
      'a table of 16 values',
    )
    expect(await refusal(floats, '--quantize', 'int', '--quantize-block', '128')).toContain('do not divide')
  })
})
