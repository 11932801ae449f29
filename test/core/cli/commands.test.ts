import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import * as ortDevice from '../../../core/runtime/ort-device.js'
import { recipeTemplates } from '../../../core/training/recipe-templates.js'
import { runCommand } from '../../support/command-line.js'
import { writeTinyFiles, type TinyFiles } from '../../support/tiny-files.js'

const folder = mkdtempSync(join(tmpdir(), 'zerotune-cli-'))
let files: TinyFiles
let run: string

beforeAll(async () => {
  files = writeTinyFiles(folder)
  run = join(folder, 'my-run')
  const steps = ['--steps', '6', '--batch', '4', '--eval-every', '3', '--learning-rate', '0.1']
  const trained = await runCommand('train', files.model, ...files.data, ...files.task, ...steps, '--out', run)
  expect(trained).toMatchObject({ status: 0, errors: '' })
  expect(trained.output).toContain(`go on with: zerotune export ${run} --format gguf`)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('zerotune inspect', () => {
  it('prints a card for people, and one object for programs', async () => {
    const card = await runCommand('inspect', files.model)
    expect(card.status).toBe(0)
    expect(card.output).toMatch(/^Tiny\n {2}file +\S+tiny\.gguf/)
    expect(card.output).toContain('can be trained')
    const [summary] = (await runCommand('inspect', files.model, '--json')).json()
    expect(summary).toMatchObject({ architecture: 'llama', layerCount: 2, canTrain: true })
  })

  it('says nothing with --quiet', async () => {
    expect(await runCommand('inspect', files.model, '--quiet')).toMatchObject({ status: 0, output: '' })
  })
})

describe('zerotune convert', () => {
  it('says the size before it writes, and writes a model of the type', async () => {
    const out = join(folder, 'converted.gguf')
    const outcome = await runCommand('convert', files.model, '--type', 'Q4_K_M', '--out', out)
    expect(outcome).toMatchObject({ status: 0, errors: '' })
    expect(outcome.output).toMatch(/converted\.gguf will have [\d.]+ kB \(the base has [\d.]+ kB\)\nwrote /)
    const [summary] = (await runCommand('inspect', out, '--json')).json() as [
      { canTrain: boolean; tensorTypes: { type: string }[] },
    ]
    expect(summary.canTrain).toBe(true)
    expect(summary.tensorTypes.map(({ type }) => type)).toContain('Q5_0')
    expect(await runCommand('convert', files.model, '--type', 'q9', '--out', out)).toMatchObject({
      status: 2,
    })
  })

  it('rounds blocks to their nearest codes where asked, and refuses types that are searched', async () => {
    const [nearest, searched] = [join(folder, 'nearest.gguf'), join(folder, 'searched.gguf')]
    for (const [out, ways] of [
      [nearest, ['--rounding', 'nearest']],
      [searched, []],
    ] as const) {
      const outcome = await runCommand('convert', files.model, '--type', 'q4_0', '--out', out, ...ways)
      expect(outcome).toMatchObject({ status: 0, errors: '' })
    }
    expect(readFileSync(nearest).byteLength).toBe(readFileSync(searched).byteLength)
    expect(readFileSync(nearest).equals(readFileSync(searched))).toBe(false)
    const refused = await runCommand(
      ...(['convert', files.model, '--type', 'q4_k', '--rounding', 'nearest'] as const),
      ...(['--out', join(folder, 'refused.gguf')] as const),
    )
    expect(refused.status).toBe(2)
    expect(refused.errors).toContain('always searched')
  })

  it('rounds by what the model reads, and says what is missing', async () => {
    const text = join(folder, 'read.txt')
    writeFileSync(text, 'Tea is made of milk and rain.\n'.repeat(40))
    const convert = (...flags: string[]): ReturnType<typeof runCommand> =>
      runCommand('convert', files.model, '--type', 'q4_0', ...flags)
    const made: Buffer[] = []
    for (const rounding of ['search', 'gptq', 'awq', 'awq-gptq']) {
      const known = join(folder, `by-${rounding}.gguf`)
      const reading = rounding === 'search' ? [] : ['--calibration', text]
      const outcome = await convert('--rounding', rounding, ...reading, '--out', known)
      expect(outcome).toMatchObject({ status: 0, errors: '' })
      made.push(readFileSync(known))
    }
    expect(new Set(made.map(({ byteLength }) => byteLength)).size).toBe(1)
    expect(new Set(made.map((bytes) => bytes.toString('base64'))).size).toBe(4)

    const out = ['--out', join(folder, 'refused.gguf')]
    writeFileSync(text, 'Too short.\n')
    for (const [flags, said] of [
      [['--rounding', 'gptq'], 'with --calibration FILE'],
      [['--rounding', 'nearest', '--calibration', text], '--calibration is for --rounding gptq'],
      [['--rounding', 'gptq', '--calibration', text], 'it needs 128 at least'],
      [['--type', 'q4_k', '--rounding', 'gptq', '--calibration', text], 'always searched'],
      [['--type', 'f16', '--rounding', 'gptq', '--calibration', text], 'f16 has no blocks'],
    ] as const) {
      const refused = await convert(...flags, ...out)
      expect(refused.status).toBe(2)
      expect(refused.errors).toContain(said)
    }
  })
})

describe('zerotune convert --rotate', () => {
  const convert = (...flags: string[]): ReturnType<typeof runCommand> =>
    runCommand('convert', files.model, '--type', 'q4_0', ...flags)

  it('turns the model before it is rounded, by random matrices or by learned ones', async () => {
    const text = join(folder, 'turned-by.txt')
    writeFileSync(text, 'Tea is made of milk and rain.\n'.repeat(40))
    const [random, learned, both] = ['random', 'learned', 'both'].map((name) => join(folder, `${name}.gguf`))
    const ways = [
      [random, ['--rotate', 'hadamard']],
      [learned, ['--rotate', 'kurtail', '--calibration', text]],
      [both, ['--rotate', 'kurtail', '--rounding', 'gptq', '--calibration', text]],
    ] as const
    for (const [out, flags] of ways) {
      const outcome = await convert(...flags, '--out', out)
      expect(outcome).toMatchObject({ status: 0, errors: '' })
      const said =
        /kurtosis of hidden states: [\d.]+, turned by random matrices [\d.]+, by learned ones [\d.]+/
      if (out === random) expect(outcome.output).not.toMatch(said)
      else expect(outcome.output).toMatch(said)
      const [summary] = (await runCommand('inspect', out, '--json')).json()
      expect(summary).toMatchObject({ architecture: 'llama', layerCount: 2, canTrain: true })
    }
    const made = [random, learned, both].map((out) => readFileSync(out).toString('base64'))
    expect(new Set(made).size).toBe(3)
    // Nothing is left of the model that was turned.
    expect(readdirSync(folder).filter((name) => name.startsWith('.zerotune'))).toEqual([])
  })

  it('says what is missing, and what it is not for', async () => {
    const out = ['--out', join(folder, 'refused.gguf')]
    for (const [flags, said] of [
      [['--rotate', 'kurtail'], '--rotate kurtail goes by what the model reads'],
      [['--rotate', 'hadamard', '--calibration', files.model], '--calibration is for --rounding gptq'],
      [['--rotate', 'hadamard', '--type', 'nf4'], '--rotate is for GGUF files'],
      [['--rotate', 'givens'], 'Allowed choices are hadamard, kurtail'],
    ] as const) {
      const refused = await convert(...flags, ...out)
      expect(refused.status).toBe(2)
      expect(refused.errors).toContain(said)
    }
  })
})

describe('zerotune export --type', () => {
  it('writes a trained model in another type, and says what that cost', async () => {
    const outcome = await runCommand('export', run, '--type', 'q8_0')
    expect(outcome).toMatchObject({ status: 0, errors: '' })
    expect(outcome.output).toContain('my-run.q8_0.gguf will have')
    expect(outcome.output).toMatch(/changed the loss by/)
    const refused = await runCommand('export', run, '--format', 'onnx', '--type', 'q8_0')
    expect(refused.status).toBe(2)
    expect(refused.errors).toContain('--type is for GGUF files')
  })

  it('rounds by the rows that it was trained on', async () => {
    const out = join(folder, 'by-rows.gguf')
    const outcome = await runCommand('export', run, '--type', 'q4_0', '--rounding', 'gptq', '--out', out)
    expect(outcome).toMatchObject({ status: 0, errors: '' })
    expect(outcome.output).toMatch(/changed the loss by/)
    const refused = await runCommand('export', run, '--rounding', 'gptq', '--out', `${out}2`)
    expect(refused.status).toBe(2)
    expect(refused.errors).toContain('--rounding and --calibration are for --type')
  })
})

describe('zerotune eval', () => {
  it('measures a model on labelled rows, with the interval of its accuracy', async () => {
    const outcome = await runCommand('eval', files.model, '--data', files.dev, ...files.task, '--json')
    const [report] = outcome.json() as [{ accuracy: number; ci95: [number, number] }]
    expect(report).toMatchObject({ kind: 'labels', n: 8, step: null })
    expect(report.ci95[0]).toBeLessThan(report.accuracy)
    expect(report.ci95[1]).toBeGreaterThan(report.accuracy)
  })

  it("measures a run on its own dev rows, and gives the run's own figures", async () => {
    const [report] = (await runCommand('eval', run, '--json')).json() as [{ loss: number; step: number }]
    const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')
    const metrics = lines.map((line) => JSON.parse(line.slice(9)) as { step: number; loss: number })
    expect(report.loss).toBeCloseTo(metrics.find(({ step }) => step === report.step)?.loss ?? 0, 5)
  })

  it('takes a renamed column for the one that it stands for, and says so', async () => {
    const renamed = join(folder, 'renamed.tsv')
    writeFileSync(renamed, readFileSync(files.dev, 'utf8').replace('word\t', 'term\t'))
    const outcome = await runCommand('eval', run, '--data', renamed)
    expect(outcome.status).toBe(0)
    expect(outcome.output).toContain("has no column 'word'; using 'term' in its place")
  })

  it('gives perplexity and whole answers for answers, and perplexity for text', async () => {
    const common = ['eval', files.model, '--data', files.dev, '--json', '--rows', '3']
    const answers = (await runCommand(...common, '--prompt', '{word}', '--answer', ' {kind}')).json()
    const texts = (await runCommand(...common, '--text', '{word} is {kind}')).json()
    for (const [report] of [answers, texts] as [{ loss: number; perplexity: number }][]) {
      expect(report.perplexity).toBeCloseTo(Math.exp(report.loss), 6)
    }
    expect(answers[0]).toMatchObject({ kind: 'answer', n: 3 })
    expect(answers[0]).toHaveProperty('ci95')
    expect(texts[0]).not.toHaveProperty('accuracy')
  })

  it('writes what the model said of each row, and never over another file', async () => {
    const predictions = join(folder, 'predictions.jsonl')
    const write = (): Promise<{ status: number }> => runCommand('eval', run, '--predictions', predictions)
    expect((await write()).status).toBe(0)
    const [first, ...rest] = readFileSync(predictions, 'utf8').trimEnd().split('\n')
    expect(rest).toHaveLength(7)
    expect(JSON.parse(first)).toMatchObject({ line: 2, label: '0' })
    expect((await write()).status).toBe(2)
  })
})

describe('zerotune export and apply', () => {
  it('write a model, a folder and an adapter, and rebuild the same model from the adapter', async () => {
    const gguf = await runCommand('export', run, '--json')
    const [written] = gguf.json() as [{ path: string; rounding: { after: { loss: number } } }]
    expect(written).toMatchObject({ format: 'gguf', path: join(run, 'my-run.gguf'), rounding: { rows: 8 } })
    const again = await runCommand('eval', written.path, '--data', files.dev, ...files.task, '--json')
    const [report] = again.json() as [{ loss: number }]
    expect(report.loss).toBeCloseTo(written.rounding.after.loss, 6)

    const [adapter] = (await runCommand('export', run, '--format', 'adapter', '--json')).json() as [
      { path: string; byteLength: number },
    ]
    expect(adapter.byteLength).toBeLessThan(6000)
    const applied = join(folder, 'applied.gguf')
    expect((await runCommand('apply', adapter.path, files.model, '--out', applied)).status).toBe(0)
    expect(readFileSync(applied).equals(readFileSync(written.path))).toBe(true)

    const [folderWritten] = (await runCommand('export', run, '--format', 'onnx', '--json')).json() as [
      { path: string; rounding: { before: { loss: number }; after: { loss: number } } },
    ]
    const { before, after } = folderWritten.rounding
    expect(after.loss).toBeCloseTo(before.loss, 4)
    expect(existsSync(join(folderWritten.path, 'model.onnx'))).toBe(true)
    const prompt = ['--prompt', 'sun is', '--max-tokens', '4', '--raw', '--json']
    const fromFolder = (await runCommand('generate', folderWritten.path, ...prompt)).json()
    expect((await runCommand('generate', run, ...prompt)).json()).toEqual(fromFolder)
  })

  it('write low-rank branches as a file for llama.cpp, and no other run', async () => {
    const branches = join(folder, 'branches')
    const steps = ['--steps', '2', '--batch', '4', '--recipe', 'exact-lora', '--learning-rate', '0.5']
    const trained = await runCommand(
      ...['train', files.model, ...files.data, ...files.task, ...steps, '--out', branches],
    )
    expect(trained.status).toBe(0)
    const [written] = (await runCommand('export', branches, '--format', 'gguf-lora', '--json')).json()
    const path = join(branches, 'branches.lora.gguf')
    // Queries and values of two layers, two matrices each.
    expect(written).toMatchObject({ format: 'gguf-lora', path, trainedTensorCount: 8 })
    expect(existsSync(path)).toBe(true)
    const refused = await runCommand('export', run, '--format', 'gguf-lora')
    expect(refused.status).toBe(2)
    expect(refused.errors).toContain("export as 'gguf'")
  })

  it('write over nothing', async () => {
    const taken = join(folder, 'taken')
    writeFileSync(taken, 'mine')
    for (const format of ['gguf', 'gguf-lora', 'onnx', 'adapter']) {
      expect((await runCommand('export', run, '--format', format, '--out', taken)).status).toBe(2)
    }
    expect(readFileSync(taken, 'utf8')).toBe('mine')
  })

  it('does not need the rows that it was trained on', async () => {
    const aside = join(folder, 'aside')
    const moved = await runCommand('train', files.model, ...tinyRunOf(aside))
    expect(moved.status).toBe(0)
    rmSync(join(aside, 'train.tsv'))
    const outcome = await runCommand('export', join(aside, 'run'))
    expect(outcome.status).toBe(0)
    expect(outcome.output).toContain('could not be measured')
  })
})

describe('zerotune resume', () => {
  it('goes on with as many threads as the run began with, unless told', async () => {
    const threads = vi.spyOn(ortDevice, 'openHostDevice')
    const path = join(folder, 'one-thread')
    const steps = ['--steps', '2', '--batch', '4', '--threads', '1', '--out', path]
    expect((await runCommand('train', files.model, ...files.data, ...files.task, ...steps)).status).toBe(0)
    expect((await runCommand('resume', path)).status).toBe(0)
    expect((await runCommand('resume', path, '--threads', '2')).status).toBe(0)
    expect(threads.mock.calls.map(([name, options]) => [name, options?.threads])).toEqual([
      ['cpu', 1],
      ['cpu', 1],
      ['cpu', 2],
    ])
    threads.mockRestore()
  })
})

describe('zerotune generate', () => {
  const short = ['--prompt', 'sun is', '--max-tokens', '3']

  it('streams the text, the same each time', async () => {
    const first = await runCommand('generate', files.model, ...short)
    expect(first).toMatchObject({ status: 0, errors: '' })
    expect(await runCommand('generate', files.model, ...short)).toMatchObject({ output: first.output })
  })

  it('shows a run before and after', async () => {
    const [both] = (await runCommand('generate', run, ...short, '--compare', '--json')).json()
    expect(both).toMatchObject({ base: { tokens: 3 }, adapted: { tokens: 3 } })
    expect((await runCommand('generate', files.model, ...short, '--compare')).status).toBe(2)
  })
})

describe('the command line', () => {
  it('answers an unknown command or option with status 2 and one line', async () => {
    for (const args of [['frobnicate'], ['eval', 'x', '--frobnicate'], ['train', 'x', '--steps', '0']]) {
      const { status, errors } = await runCommand(...args)
      expect(status).toBe(2)
      expect(errors).toMatch(/^zerotune: [^\n]+ \[request-invalid\]\n$/)
    }
  })

  it('reports a failure as an object with --json, and its origin with --verbose only', async () => {
    const failed = await runCommand('inspect', join(folder, 'none.gguf'), '--json')
    expect(failed.json()).toMatchObject([{ error: { code: 'file-unreadable' } }])
    expect(failed.errors.split('\n')).toHaveLength(2)
    const verbose = await runCommand('inspect', join(folder, 'none.gguf'), '--verbose')
    expect(verbose.errors).toMatch(/\n +at /)
  })

  it('says what the computer offers', async () => {
    const [found] = (await runCommand('doctor', '--json')).json() as [{ demo: string }]
    expect(found).toMatchObject({
      node: process.version,
      onnxruntime: expect.stringMatching(/^1\./) as string,
    })
    expect(existsSync(found.demo)).toBe(true)
  })

  it('says of every recipe what it moves, how, and where it comes from', async () => {
    const [{ recipes }] = (await runCommand('recipes', '--json')).json() as [
      { recipes: { name: string; words: Record<string, string> }[] },
    ]
    expect(recipes.map(({ name }) => name)).toEqual(Object.keys(recipeTemplates))
    for (const { words } of recipes) expect(Object.values(words).every((text) => text.length > 0)).toBe(true)
    const fzoo = recipes.find(({ name }) => name === 'fzoo')
    expect(fzoo?.words.slope).toContain('8 directions: 8 forward passes a step')
    expect((await runCommand('recipes')).output).toContain('source  LeZO, arXiv:2410.09823')
  })

  it('prints help and its version', async () => {
    expect(await runCommand('--version')).toMatchObject({ status: 0 })
    expect((await runCommand('train', '--help')).output).toContain('--label-column')
  })
})

/** Flags of a run whose rows lie in the same folder as the run. */
function tinyRunOf(parent: string): string[] {
  const { data, task } = writeTinyFiles(parent)
  return [...data, ...task, '--steps', '1', '--batch', '4', '--out', join(parent, 'run')]
}
