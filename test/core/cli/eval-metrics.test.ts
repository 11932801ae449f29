import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command-line.js'
import { writeTinyFiles, type TinyFiles } from '../../support/tiny-files.js'

const folder = mkdtempSync(join(tmpdir(), 'zerotune-metrics-'))
const file = (name: string): string => join(folder, name)
let files: TinyFiles
let labelRun: string
let answerRun: string
const answerTask = ['--prompt', '{word} is', '--answer', ' {kind}']

beforeAll(async () => {
  files = writeTinyFiles(folder)
  labelRun = file('labels')
  answerRun = file('answers')
  const steps = ['--recipe', 'qzo-rows', '--steps', '2', '--batch', '4', '--eval-every', '2']
  const selection = [
    '--where',
    'word!~stone',
    '--dev-rows',
    '4',
    '--test-rows',
    '4',
    '--balance',
    '--shots',
    '2',
  ]
  const rows = ['--data', files.train, ...selection]
  const labels = await runCommand('train', files.model, ...rows, ...files.task, ...steps, '--out', labelRun)
  expect(labels).toMatchObject({ status: 0, errors: '' })
  const answers = await runCommand(
    'train',
    files.model,
    ...files.data,
    ...answerTask,
    ...steps,
    '--out',
    answerRun,
  )
  expect(answers).toMatchObject({ status: 0, errors: '' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Job {
  readonly data: { readonly testLines: number[]; readonly devLines: number[]; readonly shotLines: number[] }
}

describe('a selection of rows', () => {
  it('is kept with the run, in parts that share no row', () => {
    const { data } = JSON.parse(readFileSync(join(labelRun, 'job.json'), 'utf8')) as Job
    expect([data.testLines.length, data.devLines.length, data.shotLines.length]).toEqual([4, 4, 2])
    const all = [...data.testLines, ...data.devLines, ...data.shotLines]
    expect(new Set(all).size).toBe(10)
    // `stone` stands in lines 6, 12, 18 and 24.
    expect(all.filter((line) => [6, 12, 18, 24].includes(line))).toEqual([])
    expect(data).toMatchObject({
      selection: { isBalanced: true, filters: [{ column: 'word', relation: '!~' }] },
    })
  })

  it('gives the rows that the run never looked at to an evaluation', async () => {
    const [report] = (await runCommand('eval', labelRun, '--part', 'test', '--json')).json() as [
      { n: number },
    ]
    expect(report.n).toBe(4)
    const other = await runCommand('eval', answerRun, '--part', 'test')
    expect(other).toMatchObject({ status: 2 })
    expect(other.errors).toMatch(/no test rows: train with --test-rows/)
  })

  it('takes rows in front of prompts from a named file, for a model', async () => {
    const common = ['eval', files.model, '--data', files.dev, ...files.task, '--shots', '2']
    expect((await runCommand(...common)).errors).toMatch(/name their file with --shots-from/)
    const outcome = await runCommand(...common, '--shots-from', files.train, '--json')
    expect(outcome.json()).toMatchObject([{ n: 8 }])
  })
})

describe('zerotune eval', () => {
  it('gives macro F1, and the confusion table when asked', async () => {
    const outcome = await runCommand('eval', labelRun, '--metrics', 'macro-f1,confusion', '--json')
    const [report] = outcome.json() as [
      { macroF1: number; confusion: { rows: number[][] }; accuracy: number },
    ]
    const diagonal = report.confusion.rows.reduce((sum, row, label) => sum + row[label], 0)
    expect(diagonal / report.confusion.rows.flat().reduce((sum, count) => sum + count, 0)).toBeCloseTo(
      report.accuracy,
      12,
    )
    expect(report.macroF1).toBeGreaterThanOrEqual(0)
    const text = await runCommand('eval', labelRun, '--metrics', 'confusion')
    expect(text.output).toContain('rows by true label, columns by what was said:')
  })

  it('writes answers, judges them, and says whether training made a difference', async () => {
    const predictions = file('said.jsonl')
    const flags = ['--metrics', 'exact-match,token-f1,rouge-l,chrf', '--compare', '--max-tokens', '4']
    const outcome = await runCommand('eval', answerRun, ...flags, '--json', '--predictions', predictions)
    expect(outcome.errors).toBe('')
    const [report] = outcome.json() as [{ answers: Record<string, number>; changes: { metric: string }[] }]
    expect(Object.keys(report.answers)).toEqual(['exact-match', 'token-f1', 'rouge-l', 'chrf'])
    expect(report.changes.map(({ metric }) => metric)).toEqual([
      'loss',
      'perplexity',
      'accuracy',
      'exact-match',
      'token-f1',
      'rouge-l',
      'chrf',
    ])
    const said = readFileSync(predictions, 'utf8').trimEnd().split('\n')
    expect(said.map((line) => Object.keys(JSON.parse(line) as object))).toEqual(
      Array.from({ length: 8 }, () => ['line', 'loss', 'tokens', 'isCorrect', 'answer']),
    )
    const text = await runCommand(
      'eval',
      answerRun,
      '--metrics',
      'exact-match',
      '--compare',
      '--max-tokens',
      '4',
    )
    expect(text.output).toMatch(/exact match of written answers: .* -> .*no measurable difference/)
  })

  it('chooses among the options of a row by mean log-probability', async () => {
    const [data, task] = [file('options.jsonl'), file('options.json')]
    const row = { text: 'sun', right: ' a', wrong: ' bbb' }
    writeFileSync(data, `${JSON.stringify(row)}\n`.repeat(6))
    const template = '{{ wrong }}\n{{ right }}\n'
    writeFileSync(
      task,
      JSON.stringify({
        kind: 'answer',
        syntax: 'jinja',
        prompt: '{{ text }}',
        answer: '{{ right }}',
        options: template,
      }),
    )
    const outcome = await runCommand('eval', files.model, '--data', data, '--task', task, '--json')
    const [report] = outcome.json() as [{ answers: { choice: number } }]
    expect([0, 1]).toContain(report.answers.choice)
  })

  it('takes a sample of rows, as the protocol of MeZO does', async () => {
    const flags = ['--data', files.train, ...files.task, '--sample', '10', '--json']
    expect((await runCommand('eval', files.model, ...flags)).json()).toMatchObject([{ n: 10 }])
    const named = await runCommand(
      'eval',
      files.model,
      '--data',
      files.train,
      ...files.task,
      '--protocol',
      'mezo',
      '--json',
    )
    expect(named.json()).toMatchObject([{ n: 24 }])
  })

  it('refuses a measure that the task does not have, and a comparison without a before', async () => {
    const wrong = await runCommand('eval', labelRun, '--metrics', 'rouge-l')
    expect(wrong).toMatchObject({ status: 2 })
    expect(wrong.errors).toMatch(/'rouge-l' is no measure of this task; it has macro-f1, confusion/)
    const alone = await runCommand('eval', files.model, '--data', files.dev, ...files.task, '--compare')
    expect(alone.errors).toMatch(/--compare needs a run/)
  })
})
