import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../support/command-line.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const resources = resolve(import.meta.dirname, '../../resources')
const example = (name: string): string => join(resources, 'examples', name)
const model = join(resources, 'demo', 'zerotune-demo.Q4_1.gguf')

interface Report {
  readonly loss: number
  readonly margin: number
  readonly accuracy: number
}

describe('the example data', () => {
  it.each([
    ['answers', 480, 120],
    ['pairs', 160, 40],
  ])('has %s whose dev rows are no training rows', (name, trainCount, devCount) => {
    const [train, dev] = ['train', 'dev'].map((part) => rowsOf(example(`${name}-${part}.tsv`)))
    expect([train.length, dev.length]).toEqual([trainCount, devCount])
    const inputs = new Set(train.map(([input]) => input))
    expect(dev.filter(([input]) => inputs.has(input))).toEqual([])
    expect(new Set([...train, ...dev].map((row) => row.join('\t'))).size).toBe(trainCount + devCount)
  })

  it('asks in the dev rows for answers that training rows have', () => {
    const known = new Set(rowsOf(example('answers-train.tsv')).map(([, answer]) => answer))
    expect(rowsOf(example('answers-dev.tsv')).filter(([, answer]) => !known.has(answer))).toEqual([])
  })

  it('raises the margin of better replies on held-out pairs in a few steps', async () => {
    const run = join(temporaryFolder(), 'run')
    const outcome = await runCommand(
      ...['train', model, '--data', example('pairs-train.tsv'), '--dev', example('pairs-dev.tsv')],
      ...['--prompt', '{message}\\nReply:', '--chosen', ' {better}', '--rejected', ' {worse}'],
      ...[
        '--recipe',
        'exact-rows',
        '--rows',
        '64',
        '--steps',
        '8',
        '--batch',
        '8',
        '--eval-every',
        '8',
        '--out',
        run,
      ],
    )
    expect(outcome).toMatchObject({ status: 0, errors: '' })
    const [report] = (await runCommand('eval', run, '--json')).json() as [Report]
    expect(report.loss).toBeLessThan(0.4)
    expect(report.margin).toBeGreaterThan(8)
    expect(report.accuracy).toBeGreaterThan(0.9)
  })
})

function rowsOf(path: string): string[][] {
  const [, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n')
  return lines.map((line) => line.split('\t'))
}
