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
const cut = (row: string): string => row.split('\t').slice(0, 2).join('\t')
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

  it('says without a model what needs no tokens: lengths in characters, rows to look at, balance, sources', async () => {
    const { output, errors, status } = await runCommand('data', 'check', data, ...task.slice(0, 4))
    expect([status, errors]).toEqual([0, ''])
    expect(output).toMatch(/line \d+, 2 of \d+ characters:\n {4}a message of its own, number \d+ is\[ [01]\]/)
    expect(output).toMatch(/length in characters: half have \d+ or fewer, the longest \d+\n/)
    expect(output).toMatch(/labels:\n {2}0 {2}\d+ \([\d.]+ ?%\), held out \d+\n/)
    expect(output).toMatch(/rows by source: mail 21, chat 3/)
    expect(output).toMatch(/whose prompt also has another answer: lines/)
    expect(output).not.toMatch(/tokens:|several tokens/)
  })

  it('finds rows of a file that are also held out, and near ones, without a model', async () => {
    const dev = join(folder, 'dev.tsv')
    const [first, second] = rows
    const near = 'a message of its own, number 0, which many people sent us again and again last week'
    writeFileSync(
      data.replace('odd', 'long'),
      `text\tlabel\n${[first, second, `${near}\t0`].map(cut).join('\n')}\n`,
    )
    writeFileSync(dev, `text\tlabel\n${cut(first)}\n${near}!\t1\n`)
    const found = await runCommand('data', 'check', data.replace('odd', 'long'), '--dev', dev, '--json')
    const [, check] = found.json() as [
      object,
      { unit: string; findings: { oddity: string; lines: number[] }[] },
    ]
    expect(check.unit).toBe('characters')
    expect(check.findings).toContainEqual(expect.objectContaining({ oddity: 'held-out', lines: [2] }))
    expect(check.findings).toContainEqual(expect.objectContaining({ oddity: 'nearly-held-out', lines: [4] }))
  })

  it('names the languages of rows that are long enough, and rows in a rare one', async () => {
    const mixed = join(folder, 'mixed.csv')
    const sentence = 'The parcel that was ordered last week has still not come to our house'
    const german = 'Das Paket, das letzte Woche bestellt wurde, ist noch immer nicht bei uns'
    const lines = Array.from({ length: 30 }, (_, row) => `${sentence} ${row},${row % 2}`)
    writeFileSync(mixed, `text,label\n${lines.join('\n')}\n"${german}",1\nThanks,0\n`)
    const { output } = await runCommand('data', 'check', mixed)
    expect(output).toContain('rows by language: English 30, German 1, too short to be sure 1\n')
    expect(output).toContain(
      'note: rows in German are rare here: lines 32; leave them out with --leave-out-lines 32\n',
    )
  })

  it('shows the text of a bad row, and takes a corrected one in its place', async () => {
    const before = await runCommand('data', 'check', data, '--label-column', 'label', '--prompt', '{text}')
    expect(before.output).toMatch(
      /line 26, column 'label': expected 3 fields as in the header, found 1\n {4}> short\n/,
    )
    const flags = [
      '--label-column',
      'label',
      '--prompt',
      '{text}',
      '--correct',
      '26=no longer short\t1\tmail',
    ]
    const { output, errors } = await runCommand('data', 'check', data, ...flags)
    expect(errors).toBe('')
    expect(output).toContain('note: 1 rows are read as they were corrected, not as the file has them')
    expect(output).not.toContain('rows cannot be used')
    const wrong = await runCommand('data', 'check', data, '--correct', 'short')
    expect(wrong.errors).toContain('Expected a line and its row')
  })

  it('refuses without a model what only a model can say', async () => {
    expect((await runCommand('data', 'check', data, '--time')).errors).toContain('add --model')
    expect((await runCommand('data', 'check', data, '--max-tokens', '9')).errors).toContain('add --model')
  })

  it('looks at labels of which one begins another, and at conversations, without a model', async () => {
    const prefixes = join(folder, 'prefixes.csv')
    writeFileSync(
      prefixes,
      `text,label\n${Array.from({ length: 12 }, (_, row) => `row ${row * 31} of words,${row % 2 === 0 ? 'no' : 'not now'}`).join('\n')}\n`,
    )
    expect((await runCommand('data', 'check', prefixes)).output).toMatch(/no {7}\d+ \(/)
    const chat = join(folder, 'chat.jsonl')
    const turns = (row: number) => [
      { role: 'user', content: `Hello ${row}` },
      { role: 'assistant', content: `Good day ${row}` },
    ]
    writeFileSync(
      chat,
      Array.from({ length: 4 }, (_, row) => JSON.stringify({ messages: turns(row) })).join('\n'),
    )
    expect((await runCommand('data', 'check', chat)).output).toContain('    assistant: [Good day 0]')
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
    expect(shown.output).toMatch(
      /1 rows cannot be used \(leave out with --skip-bad-rows, or edit with --correct 'LINE=the whole row'\):\n {2}line 26/,
    )
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
