import { describe, expect, it } from 'vitest'
import type { Example } from '../../../core/data/example.js'
import { loadDataset } from '../../../core/data/load-dataset.js'
import type { DatasetRequest } from '../../../core/data/open-dataset.js'
import { tokenSpans } from '../../../core/data/token-spans.js'
import { byteTokenizer } from '../../support/byte-tokenizer.js'
import { caughtError } from '../../support/caught-error.js'
import { dataFile } from '../../support/data-file.js'

const task = {
  version: 1,
  kind: 'preference',
  prompt: '{q}?',
  chosen: ' {a}',
  rejected: ' {b}',
  beta: 0.1,
} as const
const load = (content: string, request: Partial<DatasetRequest> = {}) =>
  loadDataset({
    path: dataFile('pairs.tsv', `q\ta\tb\n${content}`),
    task,
    tokenizer: byteTokenizer({ addsBos: true }),
    contextLength: 100,
    purpose: 'train',
    ...request,
  })

/** Prompt, chosen and rejected answer of a pair as text. */
function parts(example: Example): string[] {
  if (example.kind !== 'pair') return []
  const { tokens, promptLength, chosenLength } = example
  const cuts = [0, promptLength, promptLength + chosenLength, tokens.length]
  const text = (id: number): string => (id === 256 ? '<s>' : id === 257 ? '</s>' : String.fromCharCode(id))
  return [0, 1, 2].map((part) => Array.from(tokens.subarray(cuts[part], cuts[part + 1]), text).join(''))
}

describe('a preference task', () => {
  it('gives pairs of answers that both end', () => {
    const { dataset } = load('who\tme\tnobody\n')
    expect(dataset.objective).toEqual({ kind: 'preference', beta: 0.1 })
    expect(dataset.examples.map(parts)).toEqual([['<s>who?', ' me</s>', ' nobody</s>']])
    expect(dataset.examples[0].line).toBe(2)
  })

  it('shows a pair by its chosen answer', () => {
    const { dataset } = load('who\tme\tnobody\n')
    const spans = tokenSpans(dataset.examples[0], dataset.objective, byteTokenizer({ addsBos: true }))
    expect(spans.map(({ isTrained, tokenCount }) => [isTrained, tokenCount])).toEqual([
      [false, 5],
      [true, 4],
    ])
  })

  it('knows other pairs of the same prompt as other rows', () => {
    const [first, second, third] = load('q\ta\tb\nq\ta\tb\nq\tb\ta\n').rows.fingerprints
    expect(second).toBe(first)
    expect(third).not.toBe(first)
  })

  it.each([
    ['the same answer twice', 'q\ta\ta\n', /two different answers/],
    ['no chosen answer', 'q\t\tb\n', /chosen answer/],
    ['no rejected answer', 'q\ta\t\n', /rejected answer/],
  ])('refuses a row with %s', (_, row, message) => {
    const error = caughtError(() => load(row, { task: { ...task, chosen: '{a}', rejected: '{b}' } }))
    expect(error).toMatchObject({ code: 'data-invalid', details: { line: 2 } })
    expect(error.message).toMatch(message)
  })

  it('refuses an empty prompt where nothing comes before the answers', () => {
    const request = { task: { ...task, prompt: '{q}' }, tokenizer: byteTokenizer() }
    expect(caughtError(() => load('\ta\tb\n', request)).message).toMatch(/prompt is empty/)
  })

  it('measures either answer against the context', () => {
    const long = 'x'.repeat(40)
    expect(load(`q\ta\t${long}\n`, { contextLength: 45 }).dataset.examples).toHaveLength(1)
    for (const row of [`q\ta\t${long}\n`, `q\t${long}\tb\n`]) {
      expect(caughtError(() => load(row, { contextLength: 44 })).code).toBe('prompt-too-long')
    }
  })
})
