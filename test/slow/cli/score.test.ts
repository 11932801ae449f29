import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command-line.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const demo = join(import.meta.dirname, '../../../resources/demo')
const [train, dev] = [join(demo, 'train.tsv'), join(demo, 'dev.tsv')]
const model = join(demo, 'zerotune-demo.Q4_1.gguf')

const answer = ['--prompt', '{message} Team:', '--answer', ' {team}']

/** Writing answers to all of the dev rows would take most of a minute. */
function fewRows(): string {
  const path = join(temporaryFolder(), 'dev.tsv')
  writeFileSync(path, readFileSync(dev, 'utf8').split('\n').slice(0, 61).join('\n'))
  return path
}

interface End {
  readonly type: string
  readonly before: { readonly loss: number }
  readonly after: { readonly loss: number }
  readonly isMeasurable: boolean
}

async function trained(...flags: string[]): Promise<End> {
  const out = join(temporaryFolder(), 'run')
  const { errors, ...run } = await runCommand(
    'train',
    model,
    '--data',
    train,
    ...flags,
    '--out',
    out,
    '--json',
  )
  expect(errors).toBe('')
  const end = (run.json() as End[]).find(({ type }) => type === 'end')
  if (end === undefined) throw new Error('the run has no end')
  return end
}

describe('training on a score that has no slope', () => {
  it('gets more labels right by counting right labels alone', async () => {
    const task = ['--dev', dev, '--task', join(demo, 'task.json'), '--score', 'accuracy']
    const { before, after, isMeasurable } = await trained(...task, '--steps', '200', '--eval-every', '200')
    expect(isMeasurable).toBe(true)
    expect(after.loss).toBeLessThan(before.loss - 0.05)
  })

  it('writes answers of about the wanted length', async () => {
    const task = ['--dev', fewRows(), ...answer, '--score', 'length=6']
    const steps = ['--answer-tokens', '16', '--steps', '20', '--batch', '8', '--eval-every', '20']
    const { before, after, isMeasurable } = await trained(...task, ...steps)
    expect(isMeasurable).toBe(true)
    expect(after.loss).toBeLessThan(before.loss - 0.1)
  })

  it('follows a scoring function as it follows the score that this computes', async () => {
    const path = join(temporaryFolder(), 'length.js')
    writeFileSync(
      path,
      'const words = (text) => text.match(/[a-z0-9]+/gi) ?? []\nfunction score(written) { return Math.max(0, 1 - Math.abs(words(written).length - 6) / 6) }\n',
    )
    const few = ['--dev', fewRows(), ...answer, '--answer-tokens', '8', '--steps', '3', '--batch', '4']
    const [ours, theirs] = [
      await trained(...few, '--score', 'length=6'),
      await trained(...few, '--score', `function=${path}`),
    ]
    expect(theirs.before.loss).toBe(ours.before.loss)
    expect(theirs.after.loss).toBe(ours.after.loss)
  })

  it('shows scores, and says what does not go together', async () => {
    const out = join(temporaryFolder(), 'run')
    const rows = ['--data', train, '--dev', fewRows()]
    const few = ['--steps', '1', '--batch', '2', '--eval-every', '1', '--rows', '40', '--out', out]
    const shown = await runCommand(
      'train',
      model,
      ...rows,
      ...answer,
      '--score',
      'json',
      '--answer-tokens',
      '2',
      ...few,
    )
    expect(shown.output).toMatch(/step 0: dev score 0\.\d{4}, perfect \d+\.\d %/)
    expect(shown.output).toContain('score change')
    for (const [flags, message] of [
      [['--task', join(demo, 'task.json'), '--score', 'token-f1'], 'needs --prompt and --answer'],
      [[...answer, '--score', 'accuracy'], 'needs --prompt and --label-column'],
      [[...answer, '--score', 'chrf', '--recipe', 'exact-rows'], 'a score has none'],
      [[...answer, '--score', 'beauty'], 'Expected accuracy'],
    ] as const) {
      const refused = await runCommand('train', model, ...rows, ...flags, '--out', join(out, 'none'))
      expect(refused.status).toBe(2)
      expect(refused.errors).toContain(message)
    }
  })
})
