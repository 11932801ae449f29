import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand, type CommandOutcome } from '../../support/command-line.js'
import { writeTinyFiles, type TinyFiles } from '../../support/tiny-files.js'

const folder = mkdtempSync(join(tmpdir(), 'zerotune-keep-'))
const text = join(folder, 'other.txt')
let files: TinyFiles

beforeAll(() => {
  files = writeTinyFiles(folder)
  writeFileSync(
    text,
    'the sun and the rain fell on stone and wood\nx\n\ntea with milk is what the sun likes\n',
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function train(out: string, ...more: readonly string[]): Promise<CommandOutcome> {
  const steps = ['--steps', '5', '--batch', '8', '--eval-every', '5', '--learning-rate', '0.1']
  const kept = ['--keep-base', text, '--json', '--out', join(folder, out)]
  return runCommand('train', files.model, ...files.data, ...files.task, ...steps, ...kept, ...more)
}

function divergences(outcome: CommandOutcome): number[] {
  expect(outcome.errors).toBe('')
  const events = outcome.json() as { type: string; divergence?: number }[]
  return events.flatMap(({ type, divergence = NaN }) => (type === 'step' ? divergence : []))
}

describe('keeping to the base on other text', () => {
  it('measures how far the model is from it, from nothing on, and holds it back as much as it is told to', async () => {
    const loose = divergences(await train('loose', '--keep-weight', '0.001'))
    const tight = divergences(await train('tight', '--keep-weight', '30'))
    expect(loose[0]).toBeCloseTo(0, 6)
    expect(loose).toHaveLength(5)
    expect(loose.at(-1)).toBeGreaterThan(0.002)
    expect(tight.at(-1)).toBeLessThan(0.5 * (loose.at(-1) ?? 0))
    const journal = readFileSync(join(folder, 'loose', 'journal.jsonl'), 'utf8')
    expect(journal.match(/"divergence":/g)).toHaveLength(5)
  })

  it('is computed again with the same bits after a lost checkpoint', async () => {
    const run = join(folder, 'loose')
    const [best, checkpoint] = ['best.state', 'checkpoint.state'].map((name) => join(run, name))
    const [before, kept] = [readFileSync(best), readFileSync(checkpoint)]
    rmSync(checkpoint)
    expect((await runCommand('resume', run)).status).toBe(0)
    expect(readFileSync(best).equals(before)).toBe(true)
    expect(readFileSync(checkpoint).equals(kept)).toBe(true)
  })

  it('needs exact gradients, a text to weigh, and the text as it was', async () => {
    const probes = await train('probes', '--recipe', 'qzo-rows')
    expect(probes).toMatchObject({ status: 2 })
    expect(probes.errors).toContain('needs exact gradients')
    const noText = await runCommand(
      ...['train', files.model, ...files.data, ...files.task],
      ...['--keep-weight', '2', '--out', join(folder, 'no-text')],
    )
    expect(noText.errors).toContain('name its file')
    appendFileSync(text, 'one more line of wood\n')
    const resumed = await runCommand('resume', join(folder, 'tight'))
    expect(resumed.status).toBe(2)
    expect(resumed.errors).toContain('has changed since this run began')
  })
})
