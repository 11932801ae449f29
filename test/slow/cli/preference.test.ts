import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command-line.js'
import { writeTinyGguf } from '../../support/tiny-gguf.js'

const folder = mkdtempSync(join(tmpdir(), 'zerotune-pairs-'))
const inFolder = (name: string): string => join(folder, name)
const [model, train, dev] = ['tiny.gguf', 'train.tsv', 'dev.tsv'].map(inFolder)
const pairs = ['--prompt', '{word} is', '--chosen', ' {good}', '--rejected', ' {bad}']
const steps = ['--steps', '4', '--batch', '4', '--eval-every', '2']
const trainInto = (out: string, ...more: string[]) =>
  runCommand(
    'train',
    model,
    '--data',
    train,
    '--dev',
    dev,
    ...pairs,
    ...steps,
    '--out',
    inFolder(out),
    ...more,
  )

interface Report {
  readonly loss: number
  readonly margin: number
  readonly accuracy: number
}

beforeAll(() => {
  writeTinyGguf(model)
  writeFileSync(train, table(12))
  writeFileSync(dev, table(6))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a run on preference pairs', () => {
  it.each(['exact-rows', 'exact-lora', 'qzo-rows', 'qzo'])(
    'starts at log 2 with ties (%s)',
    async (recipe) => {
      const trained = await trainInto(recipe, '--recipe', recipe, '--json')
      expect(trained).toMatchObject({ status: 0, errors: '' })
      const events = trained.json() as { type: string; step: number; loss: number; accuracy: number }[]
      expect(events.filter(({ type }) => type === 'base').at(-1)).toMatchObject({ done: 18, total: 18 })
      const before = events.find(({ type }) => type === 'evaluation')
      expect(before).toMatchObject({ step: 0, accuracy: 0 })
      expect(before?.loss).toBeCloseTo(Math.LN2, 6)
    },
  )

  it('learns to prefer the chosen answers, as eval then says', async () => {
    const options = [
      '--recipe',
      'exact-rows',
      '--steps',
      '30',
      '--eval-every',
      '10',
      '--learning-rate',
      '0.05',
    ]
    expect((await trainInto('learned', ...options)).status).toBe(0)
    const [own] = (await runCommand('eval', inFolder('learned'), '--json')).json() as [Report]
    expect(own).toMatchObject({ kind: 'preference', n: 6, accuracy: 1 })
    expect(own.margin).toBeGreaterThan(0.5)
    const [same] = (await runCommand('eval', inFolder('learned'), '--data', dev, '--json')).json() as [Report]
    expect(same).toMatchObject({ loss: own.loss, margin: own.margin })
    const { output } = await runCommand('eval', inFolder('learned'))
    expect(output).toContain('prefers the chosen answer more than the base: 100.0 %')
  })

  it('takes a model alone with nothing to compare it with', async () => {
    const [report] = (await runCommand('eval', model, '--data', dev, ...pairs, '--json')).json() as [Report]
    expect(report.margin).not.toBe(0)
  })

  it('goes on after a stop with the same bits', async () => {
    const bits = (run: string): string[] =>
      ['journal.jsonl', 'metrics.jsonl', 'best-losses.json'].map((name) =>
        readFileSync(join(inFolder(run), name), 'utf8'),
      )
    expect((await trainInto('whole', '--recipe', 'exact-rows')).status).toBe(0)
    expect((await trainInto('cut', '--recipe', 'exact-rows')).status).toBe(0)
    cutAfterStep(inFolder('cut'), 2)
    expect((await runCommand('resume', inFolder('cut'))).status).toBe(0)
    expect(bits('cut')).toEqual(bits('whole'))
  })

  it('says what is missing of the flags', async () => {
    for (const [flags, sentence] of [
      [['--prompt', '{word}', '--chosen', '{good}'], '--rejected is missing'],
      [['--prompt', '{word}', '--beta', '0.2'], '--chosen is missing'],
      [[...pairs, '--label-column', 'word'], '--label-column cannot stand beside'],
    ] as const) {
      const { status, errors } = await runCommand('eval', model, '--data', dev, ...flags)
      expect(status).toBe(2)
      expect(errors).toContain(sentence)
    }
  })
})

/** What a process leaves that is killed right after a step, before any checkpoint. */
function cutAfterStep(run: string, step: number): void {
  for (const [name, kept] of [
    ['journal.jsonl', step],
    ['metrics.jsonl', 1],
  ] as const) {
    const path = join(run, name)
    writeFileSync(path, `${readFileSync(path, 'utf8').split('\n').slice(0, kept).join('\n')}\n`)
  }
  rmSync(join(run, 'checkpoint.state'))
  rmSync(join(run, 'best.state'))
}

function table(rows: number): string {
  const words = ['sun', 'rain', 'tea', 'milk', 'stone', 'wood']
  const lines = Array.from({ length: rows }, (_, row) => `${words[row % 6]} ${row}\tgood ${row % 3}\tpoor`)
  return `word\tgood\tbad\n${lines.join('\n')}\n`
}
