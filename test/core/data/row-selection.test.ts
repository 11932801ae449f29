import { describe, expect, it } from 'vitest'
import { chooseTrainingRows } from '../../../core/data/choose-training-rows.js'
import { loadDataset, type LoadedDataset } from '../../../core/data/load-dataset.js'
import { oddRows } from '../../../core/data/odd-rows.js'
import { chooseDevLines, splitByLines } from '../../../core/data/split.js'
import { rowFilterOf } from '../../../core/cli/row-options.js'
import { rowSelection, type RowOddity } from '../../../core/schema/row-selection.js'
import { byteTokenizer } from '../../support/byte-tokenizer.js'
import { dataFile } from '../../support/data-file.js'
import { caughtError } from '../../support/caught-error.js'

const tokenizer = byteTokenizer()
const task = { version: 1, kind: 'labels', prompt: '{text} is', labelColumn: 'label' } as const
const load = (
  rows: readonly (readonly string[])[],
  more: Partial<Parameters<typeof loadDataset>[0]> = {},
) => {
  const path = dataFile('rows.tsv', `text\tlabel\tuser\n${rows.map((row) => row.join('\t')).join('\n')}\n`)
  const common = { path, task, tokenizer, contextLength: 500, purpose: 'train', hasSignatures: true } as const
  return loadDataset({ ...common, ...more })
}
/** Rows of two labels, with texts that have little in common, three rows a user. */
const plain = (count: number) =>
  Array.from({ length: count }, (_, row) => [
    Array.from({ length: 12 }, (__, word) => `w${Math.imul(row * 31 + word + 1, 0x9e3779b1) >>> 18}`).join(
      ' ',
    ),
    row % 4 === 0 ? 'a' : 'b',
    `u${Math.floor(row / 3)}`,
  ])
const linesOf = ({ rows }: LoadedDataset) => [...rows.lines]
const odd = (loaded: LoadedDataset, oddity: RowOddity, dev: LoadedDataset | null = null) =>
  oddRows(loaded, dev, [oddity]).flatMap(({ lines }) => lines)

describe('filters', () => {
  it.each([
    ['label=a', [2, 6, 10]],
    ['label!=a', [3, 4, 5, 7, 8, 9, 11]],
    ['user~u1', [5, 6, 7]],
    ['user!~u', []],
    ['length(user) >= 2', [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    ['length(label)<1', []],
  ])('keep the rows that meet %s', (condition, lines) => {
    const all = load(plain(10), { purpose: 'evaluate' })
    const labels = { a: ' a', b: ' b' }
    const filter = {
      filters: [rowFilterOf(condition)],
      purpose: 'evaluate',
      task: { ...task, labels },
    } as const
    if (lines.length === 0) {
      expect(caughtError(() => load(plain(10), filter)).message).toMatch(/no row that meets the filters/)
    } else {
      const kept = load(plain(10), filter)
      expect(linesOf(kept)).toEqual(lines)
      expect(kept.filteredCount).toBe(all.rows.lines.length - lines.length)
    }
  })

  it('decide which labels there are', () => {
    const rows = [...plain(8), ['x', 'neutral', 'u'], ['y', 'neutral', 'u']]
    const kept = load(rows, { filters: [rowFilterOf('label!=neutral')] })
    expect(kept.task).toMatchObject({ labels: { a: ' a', b: ' b' } })
  })

  it('compare numbers, and refuse what is none', () => {
    expect(rowFilterOf('score>=3')).toEqual({ column: 'score', of: 'value', relation: '>=', value: '3' })
    expect(caughtError(() => load(plain(4), { filters: [rowFilterOf('user>x')] })).code).toBe(
      'request-invalid',
    )
  })
})

describe('odd rows', () => {
  const text = 'the quick brown fox jumps over the lazy dog while the cat sleeps on the warm mat all day'
  const rows = [
    [text, 'a', 'u'],
    [text, 'a', 'u'],
    [`${text}!`, 'a', 'u'],
    [text.toUpperCase(), 'a', 'u'],
    ['one prompt', 'a', 'u'],
    ['one prompt', 'b', 'u'],
    ['lost \ufffd here', 'b', 'u'],
    ['cafÃ© au lait', 'b', 'u'],
    ['bell \u0007', 'b', 'u'],
    ['  ', 'b', 'u'],
  ]

  it('are found with the rows that they stand against', () => {
    const loaded = load(rows)
    expect(oddRows(loaded, null)).toEqual([
      { oddity: 'repeated', lines: [3], otherLines: [2] },
      { oddity: 'nearly-repeated', lines: [4, 5], otherLines: [2, 2] },
      { oddity: 'contradicted', lines: [6, 7], otherLines: [7, 6] },
      { oddity: 'empty-field', lines: [11], otherLines: [] },
      { oddity: 'lost-characters', lines: [8], otherLines: [] },
      { oddity: 'control-characters', lines: [10], otherLines: [] },
      { oddity: 'misread-characters', lines: [9], otherLines: [] },
    ])
  })

  it('are held out elsewhere, exactly or almost', () => {
    const dev = load([
      [text, 'b', 'u'],
      ['something else', 'a', 'u'],
    ])
    expect(odd(load(rows), 'held-out', dev)).toEqual([2, 3])
    expect(odd(load(rows), 'nearly-held-out', dev)).toEqual([4, 5])
  })

  it('have the answer in the prompt, as words of their own', () => {
    const answers = { version: 1, kind: 'answer', prompt: '{text}', answer: '{label}' } as const
    const loaded = load(
      [
        ['It was Paris.', 'paris', ''],
        ['comparison', 'paris', ''],
        ['It', 'it', ''],
      ],
      { task: answers },
    )
    expect(odd(loaded, 'answer-in-prompt')).toEqual([2])
  })

  it('are not found among rows that merely share a template', () => {
    expect(odd(load(plain(300)), 'nearly-repeated')).toEqual([])
  })

  it('are left out of training, and counted once', () => {
    const selection = rowSelection.parse({ leaveOut: ['repeated', 'contradicted', 'nearly-repeated'] })
    const chosen = chooseTrainingRows(load(rows), null, selection, 1)
    expect(linesOf(chosen.train)).toEqual([2, 8, 9, 10, 11])
    expect(chosen.leftOut).toEqual([
      { oddity: 'repeated', count: 1 },
      { oddity: 'nearly-repeated', count: 2 },
      { oddity: 'contradicted', count: 2 },
    ])
  })
})

describe('rows named by their lines', () => {
  it('are not trained on, and are counted apart from odd ones', () => {
    const selection = rowSelection.parse({ leaveOutLines: [3, 5, 999], leaveOut: ['repeated'] })
    const chosen = chooseTrainingRows(load(plain(6)), null, selection, 1)
    expect(linesOf(chosen.train)).toEqual([2, 4, 6, 7])
    expect([chosen.leftOutByLine, chosen.leftOut]).toEqual([2, []])
  })
})

describe('balancing and sampling', () => {
  it('take as many rows of each label, the same for the same seed', () => {
    const selection = rowSelection.parse({ isBalanced: true })
    const { train, unsampled } = chooseTrainingRows(load(plain(40)), null, selection, 5)
    const labels = train.dataset.examples.map((example) => (example.kind === 'label' ? example.label : -1))
    expect([labels.filter((label) => label === 0).length, labels.length, unsampled]).toEqual([10, 20, 20])
    expect(linesOf(chooseTrainingRows(load(plain(40)), null, selection, 5).train)).toEqual(linesOf(train))
    expect(linesOf(chooseTrainingRows(load(plain(40)), null, selection, 6).train)).not.toEqual(linesOf(train))
  })

  it('draw a sample that a smaller one is part of', () => {
    const draw = (sample: number) =>
      linesOf(chooseTrainingRows(load(plain(40)), null, rowSelection.parse({ sample }), 5).train)
    expect(draw(10)).toHaveLength(10)
    expect(draw(20)).toEqual(expect.arrayContaining(draw(10)))
    expect(draw(100)).toHaveLength(40)
  })

  it('leave something', () => {
    const selection = rowSelection.parse({ leaveOut: ['contradicted'] })
    const rows = [
      ['x', 'a', 'u'],
      ['x', 'b', 'u'],
    ]
    expect(caughtError(() => chooseTrainingRows(load(rows), null, selection, 1)).code).toBe(
      'data-insufficient',
    )
  })
})

describe('a split by groups', () => {
  it('keeps rows of a group together, and about the share of each label', () => {
    const loaded = load(plain(120), { groupBy: 'user' })
    const { train, dev } = splitByLines(loaded, chooseDevLines(loaded, 3, 24))
    const users = new Set(dev.rows.groups)
    expect(train.rows.groups.some((group) => users.has(group))).toBe(false)
    expect(dev.rows.lines.length).toBeGreaterThanOrEqual(24)
    expect(dev.rows.lines.length).toBeLessThanOrEqual(29)
    const first = dev.dataset.examples.filter(
      (example) => example.kind === 'label' && example.label === 0,
    ).length
    expect(first / dev.rows.lines.length).toBeCloseTo(0.25, 0)
  })

  it('is refused where one group has everything', () => {
    const loaded = load(
      plain(30).map(([text, label]) => [text, label, 'same']),
      { groupBy: 'user' },
    )
    expect(caughtError(() => chooseDevLines(loaded, 3)).message).toMatch(/groups/)
  })
})
