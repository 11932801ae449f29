import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { modelCardText } from '../../../core/export/model-card.js'
import { branchScale } from '../../../core/parameters/parts/low-rank-part.js'
import { loadModel } from '../../../core/engine/loaded-model.js'
import { quantizationError } from '../../../core/parameters/quantization-error.js'
import { openState } from '../../../core/training/open-state.js'
import { openRunModel } from '../../../core/training/open-trained.js'
import { readJob, runFolder } from '../../../core/training/run-folder.js'
import { runCommand } from '../../support/command-line.js'
import { writeTinyFiles, type TinyFiles } from '../../support/tiny-files.js'
import { writeTinyGguf } from '../../support/tiny-gguf.js'

const folder = mkdtempSync(join(tmpdir(), 'zerotune-loftq-'))
const inFolder = (name: string): string => join(folder, name)
const quantized = inFolder('quantized.gguf')
const lora = ['--recipe', 'exact-lora', '--steps', '2', '--batch', '8', '--eval-every', '1']
let files: TinyFiles

interface Figures {
  readonly loss: number
}

function train(out: string, ...flags: readonly string[]) {
  return runCommand(
    'train',
    quantized,
    ...files.data,
    ...files.task,
    ...lora,
    ...flags,
    '--out',
    inFolder(out),
  )
}

async function evaluated(subject: string): Promise<number> {
  const outcome = await runCommand('eval', subject, '--data', files.dev, ...files.task, '--json')
  return (outcome.json()[0] as Figures).loss
}

function lossesOf(run: string): number[] {
  const lines = readFileSync(join(inFolder(run), 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map((line) => (JSON.parse(line.slice(9)) as Figures).loss)
}

beforeAll(async () => {
  files = writeTinyFiles(folder, { type: 'F32', embeddingType: 'Q4_0' })
  const written = await runCommand('convert', files.model, '--type', 'Q4_0', '--out', quantized)
  expect(written).toMatchObject({ status: 0, errors: '' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('low-rank branches that begin at what quantization lost', () => {
  it('make the model the one that was quantized, where their rank allows', async () => {
    const outcome = await train('whole', '--loftq', files.model, '--lora-rank', '96', '--linears', 'all')
    expect(outcome).toMatchObject({ status: 0, errors: '' })
    expect(outcome.output).toContain('(100.0 % of it)')
    const [before, after] = [await evaluated(files.model), await evaluated(quantized)]
    expect(Math.abs(after - before)).toBeGreaterThan(1e-3)
    expect(Math.abs(lossesOf('whole')[0] - before)).toBeLessThan(2e-5)
  })

  it.each([[[]], [['--lora-rank-stabilized']]])(
    'give back the share that is reported, with few terms (%o)',
    async (flags) => {
      const name = `few${flags.length}`
      const { output } = await train(name, '--loftq', files.model, '--lora-rank', '3', ...flags)
      const reported = Number(/\(([\d.]+) % of it\)/.exec(output)?.[1]) / 100
      const run = runFolder(inFolder(name))
      const job = readJob(run)
      const { model } = openRunModel(job)
      const { parameters } = openState(run, job, model, 0)
      const original = loadModel(files.model)
      let [lost, left] = [0, 0]
      for (const layer of [0, 1]) {
        for (const linear of ['attn_q', 'attn_v'] as const) {
          const matrix = model.blocks[layer].stored.read(linear)
          const error = quantizationError(original.blocks[layer].stored.read(linear), matrix)
          const branch = parameters.branch?.(layer, linear)
          expect(branch).toBeDefined()
          const { up, down, rank, scale } = branch ?? { up: [], down: [], rank: 0, scale: 0 }
          lost += error.lost
          error.difference.forEach((difference, i) => {
            const [row, column] = [Math.floor(i / matrix.columns), i % matrix.columns]
            let sum = 0
            for (let k = 0; k < rank; k++) sum += up[row * rank + k] * down[k * matrix.columns + column]
            left += (difference - scale * sum) ** 2
          })
        }
      }
      expect(reported).toBeGreaterThan(0.1)
      expect(Math.abs(1 - left / lost - reported)).toBeLessThan(1e-3)
    },
  )

  it('are scaled as the branch is', () => {
    const settings = { kind: 'low-rank', rank: 4, alpha: 16, linears: ['attn_q' as const], seed: 1 } as const
    expect(branchScale({ ...settings, linears: ['attn_q'], isRankStabilized: false })).toBe(4)
    expect(branchScale({ ...settings, linears: ['attn_q'], isRankStabilized: true })).toBe(8)
  })

  it('are said to be the start in a model card, without the folder', () => {
    const card = modelCardText({
      ...{ name: 'a', baseName: 'b', licence: null, step: 0, trainedNumbers: 1 },
      ...{ before: null, after: null, lossChange: null, interval: () => ({ low: 0, high: 1 }) },
      job: readJob(runFolder(inFolder('whole'))),
    })
    expect(card).toContain('| Begun at | what quantization lost of tiny.gguf (LoftQ) |')
  })

  it.each([
    ['a recipe without branches', ['--recipe', 'exact-rows', '--loftq', 'model'], 'has no low-rank branches'],
    ['an original that is quantized itself', ['--loftq', 'quantized'], 'is quantized itself'],
    ['another model', ['--loftq', 'other'], 'was not quantized from'],
    ['a model of other layers', ['--loftq', 'larger'], 'has other layers'],
    ['two beginnings', ['--loftq', 'model', '--from', 'whole'], ': name one'],
  ])('are refused with %s', async (_, flags, message) => {
    writeTinyGguf(inFolder('other.gguf'), { type: 'F32', seed: 9 })
    writeTinyGguf(inFolder('larger.gguf'), { type: 'F32', layers: 3 })
    const paths: Readonly<Record<string, string>> = {
      model: files.model,
      quantized,
      other: inFolder('other.gguf'),
      larger: inFolder('larger.gguf'),
      whole: inFolder('whole'),
    }
    const refused = await train('refused', ...flags.map((flag) => paths[flag] ?? flag))
    expect(refused.status).toBe(2)
    expect(refused.errors).toContain(message)
  })
})
