import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openByteSource } from '../../../core/formats/byte-source.js'
import { readGguf } from '../../../core/formats/gguf/read-gguf.js'
import { runCommand } from '../../support/command-line.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

const folder = mkdtempSync(join(tmpdir(), 'zerotune-bad-'))
const files = writeTinyFiles(folder)
const inFolder = (name: string): string => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Fails with this code and status, one sentence, no stack; leaves no run and no temporary file. */
async function expectRefusal(
  args: readonly string[],
  code: string,
  status: 1 | 2,
  sentence: RegExp | string = '',
): Promise<void> {
  const outcome = await runCommand(...args)
  expect(outcome.errors).toMatch(new RegExp(`^zerotune: [^\\n]+ \\[${code}\\]\\n$`))
  expect(outcome.errors).toMatch(sentence)
  expect(outcome.status).toBe(status)
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
}

function train(
  changes: { readonly model?: string; readonly data?: string; readonly task?: readonly string[] } = {},
) {
  const { model = files.model, data = files.train, task = files.task } = changes
  return [
    'train',
    model,
    '--data',
    data,
    ...task,
    '--steps',
    '2',
    '--batch',
    '4',
    '--out',
    inFolder('new-run'),
  ]
}

function dataFile(name: string, content: string): string {
  writeFileSync(inFolder(name), content)
  return inFolder(name)
}

describe('a bad model', () => {
  const whole = readFileSync(files.model)
  const cases: [name: string, bytes: string | Uint8Array, code: string, sentence: RegExp][] = [
    ['empty', '', 'model-malformed', /empty/],
    ['truncated', whole.subarray(0, whole.length / 2), 'model-malformed', /./],
    ['only a header', whole.subarray(0, 40), 'model-malformed', /./],
    ['a text file', 'once upon a time there was a model\n'.repeat(9), 'model-malformed', /text file/],
  ]

  it.each(cases)('is refused when it is %s', async (name, bytes, code, sentence) => {
    const path = inFolder(`bad ${name}.gguf`)
    writeFileSync(path, bytes)
    await expectRefusal(['inspect', path], code, 2, sentence)
    await expectRefusal(train({ model: path }), code, 2, sentence)
    await expectRefusal(['generate', path, '--prompt', 'a'], code, 2, sentence)
    expect(existsSync(inFolder('new-run'))).toBe(false)
  })

  it('is refused when it is not there, or is a folder without a run', async () => {
    for (const command of ['inspect', 'eval', 'generate', 'chat', 'train', 'resume', 'export']) {
      const extra = { generate: ['--prompt', 'a'], train: train().slice(2) }[command] ?? []
      await expectRefusal([command, inFolder('none'), ...extra], 'file-unreadable', 2)
      await expectRefusal([command, mkdtempSync(inFolder('empty-')), ...extra], 'file-unreadable', 2)
    }
  })

  it('is refused when its scales are not numbers, naming the tensor', async () => {
    const path = inFolder('nan.gguf')
    const source = openByteSource(files.model)
    const tensor = readGguf(source).tensors.get('blk.1.ffn_up.weight')
    source.close()
    const bytes = Buffer.from(whole)
    bytes.writeUInt16LE(0x7e00, tensor?.offset ?? 0)
    writeFileSync(path, bytes)
    await expectRefusal(train({ model: path }), 'model-malformed', 2, /blk\.1\.ffn_up\.weight.*NaN/)
    expect(existsSync(inFolder('new-run'))).toBe(false)
  })
})

describe('bad rows', () => {
  const rows = (content: string): string => dataFile('rows.tsv', content)

  it('are refused where a column is unknown, naming the nearest', async () => {
    const task = ['--prompt', '{words} is', '--label-column', 'kind']
    await expectRefusal(train({ task }), 'data-invalid', 2, /words.*did you mean 'word'/)
    const labels = ['--prompt', '{word} is', '--label-column', 'sort']
    await expectRefusal(train({ task: labels }), 'data-invalid', 2, /sort/)
  })

  it('are refused where there are none', async () => {
    await expectRefusal(train({ data: rows('') }), 'data-insufficient', 2)
    await expectRefusal(train({ data: rows('word\tkind\n') }), 'data-insufficient', 2)
    await expectRefusal(train({ data: inFolder('none.tsv') }), 'file-unreadable', 2)
  })

  it('are refused with one class only', async () => {
    const data = rows('word\tkind\nsun\t0\nrain\t0\ntea\t0\n')
    await expectRefusal(train({ data }), 'data-insufficient', 2, /only "0"/)
  })

  it('are refused with labels that training never sees, naming the line', async () => {
    const dev = dataFile('other.tsv', 'word\tkind\nsun\t0\nrain\t7\n')
    await expectRefusal([...train(), '--dev', dev], 'data-invalid', 2, /line 3.*"7"/)
    await expectRefusal(['eval', files.model, '--data', dev, ...files.task], 'data-invalid', 2, /"7"/)
  })

  it('are refused where a prompt is longer than the context, naming the line', async () => {
    const data = rows(`word\tkind\nsun\t0\n${'tea and milk '.repeat(40)}\t1\nrain\t0\nsnow\t1\n`)
    await expectRefusal(train({ data }), 'prompt-too-long', 2, /line 3/)
    const prompt = ['--prompt', 'tea and milk '.repeat(40)]
    await expectRefusal(['generate', files.model, '--raw', ...prompt], 'prompt-too-long', 2)
  })

  it('can be left out', async () => {
    const data = dataFile('mixed.tsv', `${readFileSync(files.train, 'utf8')}broken row without a tab\n`)
    const out = ['--skip-bad-rows']
    await expectRefusal(train({ data }), 'data-invalid', 2, /line 26/)
    const outcome = await runCommand(...train({ data }), ...out)
    expect(outcome).toMatchObject({ status: 0 })
    expect(outcome.output).toContain('left out 1 bad rows')
    rmSync(inFolder('new-run'), { recursive: true, force: true })
  })
})

describe('a bad request', () => {
  it('is refused where nothing suggests a task, or with one that contradicts itself', async () => {
    const numbers = inFolder('numbers.csv')
    writeFileSync(numbers, 'a,b\n1,2\n3,4\n')
    const unclear = ['train', files.model, '--data', numbers, '--out', inFolder('unclear')]
    await expectRefusal(unclear, 'request-invalid', 2, /nothing suggests what to learn .*'a', 'b'/)
    const both = ['--prompt', '{word}', '--text', '{word}']
    await expectRefusal(train({ task: both }), 'request-invalid', 2, /cannot stand beside/)
    await expectRefusal(train({ task: [...files.task, '--train-layers', '1-9'] }), 'request-invalid', 2)
    await expectRefusal(
      train({ task: ['--prompt', '{word', '--label-column', 'kind'] }),
      'request-invalid',
      2,
    )
    await expectRefusal(['eval', files.model], 'request-invalid', 2, /--data/)
  })
})

describe('a run', () => {
  it('is not made where one is, or where other files are', async () => {
    const run = inFolder('run')
    const args = [...train().slice(0, -1), run]
    expect((await runCommand(...args)).status).toBe(0)
    const before = readFileSync(join(run, 'journal.jsonl'))
    await expectRefusal(args, 'file-exists', 2, /resume/)
    expect(readFileSync(join(run, 'journal.jsonl')).equals(before)).toBe(true)
    await expectRefusal([...args.slice(0, -1), folder], 'file-exists', 2, /not empty/)
  })

  it('is held by one process at a time', async () => {
    const run = inFolder('run')
    writeFileSync(join(run, 'run.lock'), String(process.ppid))
    await expectRefusal(['resume', run], 'run-locked', 2, new RegExp(String(process.ppid)))
    rmSync(join(run, 'run.lock'))
  })

  it('is not resumed with another model or other rows, and not where its job is damaged', async () => {
    const other = join(folder, 'changed')
    const changed = writeTinyFiles(other)
    const run = join(other, 'run')
    const task = ['--data', changed.train, ...changed.task, '--steps', '2', '--batch', '4', '--out', run]
    expect((await runCommand('train', changed.model, ...task)).status).toBe(0)
    const rows = readFileSync(changed.train, 'utf8')
    writeFileSync(changed.train, rows.replace('sun', 'fog'))
    await expectRefusal(['resume', run], 'run-invalid', 2, /changed since this run began/)
    writeFileSync(changed.train, rows)
    writeTinyFiles(other, { seed: 2 })
    await expectRefusal(['resume', run], 'model-mismatch', 2)
    await expectRefusal(['export', run], 'model-mismatch', 2)
    writeFileSync(join(run, 'job.json'), '{"version": 99}')
    await expectRefusal(['resume', run], 'version-newer', 2)
  })

  it.skipIf(process.getuid?.() === 0)('is not made in a folder that cannot be written to', async () => {
    const closed = inFolder('closed')
    mkdirSync(closed, { mode: 0o555 })
    await expectRefusal([...train().slice(0, -1), join(closed, 'run')], 'file-unwritable', 1)
    chmodSync(closed, 0o755)
  })

  it('is not made below a file', async () => {
    await expectRefusal([...train().slice(0, -1), join(files.dev, 'run')], 'file-unwritable', 1)
  })
})
