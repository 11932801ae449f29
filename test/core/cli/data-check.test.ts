import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command-line.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

const folder = mkdtempSync(join(tmpdir(), 'zerotune-check-'))
const files = writeTinyFiles(folder)
const data = join(folder, 'odd.tsv')
const rows = [
  ...Array.from({ length: 20 }, (_, row) => `a message of its own, number ${row * 7919}\t${row % 2}\tmail`),
  'a message of its own, number 0\t0\tchat',
  'a message of its own, number 0\t1\tchat',
  'здравствуйте\t0\tchat',
  'lost \ufffd\t1\tmail',
  'short',
]
writeFileSync(data, `text\tlabel\tsource\n${rows.join('\n')}\n`)
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const task = ['--prompt', '{text} is', '--label-column', 'label', '--labels', '{"0":" a","1":" b"}']

describe('zerotune data check', () => {
  it('says what is in a file, without a model', async () => {
    const { output, status } = await runCommand('data', 'check', data)
    expect(status).toBe(0)
    expect(output).toContain('odd.tsv: 24 rows, 3 columns, read as tsv')
    expect(output).toContain('1 rows cannot be read:\n  line 26')
    expect(output).toMatch(/suggested task: .*"labelColumn":"label"/)
    expect(output).toContain('add --model MODEL.gguf')
  })

  it('shows rows as the model reads them, and which to look at with a way out', async () => {
    const { output, errors } = await runCommand(
      'data',
      'check',
      data,
      '--model',
      files.model,
      ...task,
      '--dev',
      files.dev.replace('dev', 'none'),
    )
    expect([output.length > 0, errors]).toEqual([true, expect.stringContaining('none.tsv')])
    const shown = await runCommand(
      'data',
      'check',
      data,
      '--model',
      files.model,
      ...task,
      '--max-tokens',
      '20',
    )
    expect(shown).toMatchObject({ status: 0, errors: '' })
    expect(shown.output).toMatch(/a message of its own, number \d+ is\[ [ab]\]/)
    expect(shown.output).toMatch(/rows by writing system: Latin \d+, Cyrillic 1/)
    expect(shown.output).toMatch(/rows by source: mail 21, chat 3/)
    expect(shown.output).toMatch(/\d+ rows are longer than 20 tokens and would be left out/)
    expect(shown.output).toMatch(
      /whose prompt also has another answer: lines .*; leave out with --leave-out contradicted/,
    )
    expect(shown.output).toMatch(/1 rows cannot be used \(leave out with --skip-bad-rows\):\n {2}line 26/)
  })

  it('gives the same as one object for programs, with the measured time of a pass', async () => {
    const flags = [
      '--model',
      files.model,
      ...task,
      '--json',
      '--time',
      '--leave-out',
      'lost-characters,contradicted',
    ]
    const [description, check] = (await runCommand('data', 'check', data, ...flags)).json() as [
      { kind: string; rowCount: number },
      {
        kind: string
        findings: { oddity: string; isLeftOut: boolean }[]
        passTokens: number
        pass: { totalMs: number }
      },
    ]
    expect(description).toMatchObject({ kind: 'description', rowCount: 24 })
    expect(check.kind).toBe('check')
    expect(check.findings.find(({ oddity }) => oddity === 'contradicted')?.isLeftOut).toBe(true)
    expect(check.passTokens).toBeGreaterThan(100)
    expect(check.pass.totalMs).toBeGreaterThan(0)
  })
})
