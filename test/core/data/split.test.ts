import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findDuplicates, refuseUnseenLabels } from '../../../core/data/compare-datasets.js'
import type { Example } from '../../../core/data/example.js'
import type { LoadedDataset } from '../../../core/data/load-dataset.js'
import { chooseDevLines, splitByLines } from '../../../core/data/split.js'
import { caughtError } from '../../support/caught-error.js'

/** A dataset with a row of each of `labels`, from line 2 on, and as many different inputs as `inputs` names. */
function labelled(
  labels: readonly number[],
  inputs: readonly number[] = labels.map((_, row) => row),
): LoadedDataset {
  const tokens = new Int32Array(1)
  const options = ['no', 'yes', 'maybe', 'never'].map((name, id) => ({
    name,
    text: ` ${name}`,
    tokens: [id],
  }))
  return {
    path: 'rows.tsv',
    dataset: {
      objective: { kind: 'labels', options },
      examples: labels.map((label, row): Example => ({ kind: 'label', tokens, label, line: row + 2 })),
    },
    task: { version: 1, kind: 'labels', prompt: '{text}', labelColumn: 'label', labels: {} },
    columns: ['label', 'text'],
    rows: {
      lines: Uint32Array.from(labels, (_, row) => row + 2),
      fingerprints: Float64Array.from(inputs),
      answers: Float64Array.from(labels),
      groups: new Float64Array(labels.length),
      marks: new Uint16Array(labels.length),
      signatures: null,
    },
    tallies: { scripts: [], sources: [], texts: [] },
    filteredCount: 0,
    skippedCount: 0,
    skippedMessages: [],
    skippedRows: [],
    notices: [],
  }
}

const labelLists = fc.array(fc.nat(3), { minLength: 2, maxLength: 300 })
const seeds = fc.nat(0xffffffff)
const linesOf = (loaded: LoadedDataset) => loaded.dataset.examples.map(({ line }) => line)
const labelsOf = (loaded: LoadedDataset) =>
  loaded.dataset.examples.map((example) => (example.kind === 'label' ? example.label : -1))

describe('a split', () => {
  it('puts every row on exactly one side and leaves some of every label for training', () => {
    fc.assert(
      fc.property(labelLists, seeds, fc.integer({ min: 1, max: 50 }), (labels, seed, count) => {
        fc.pre(new Set(labels).size < labels.length)
        const loaded = labelled(labels)
        const devLines = chooseDevLines(loaded, seed, count)
        const { train, dev } = splitByLines(loaded, devLines)
        expect(linesOf(dev)).toEqual(devLines)
        expect([...linesOf(train), ...linesOf(dev)].sort((a, b) => a - b)).toEqual(linesOf(loaded))
        expect(new Set(labelsOf(train))).toEqual(new Set(labels))
        expect(devLines.length).toBe(Math.min(count, labels.length - new Set(labels).size))
      }),
    )
  })

  it('gives every label its share, to one row', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2), { minLength: 100, maxLength: 300 }), seeds, (labels, seed) => {
        const dev = splitByLines(labelled(labels), chooseDevLines(labelled(labels), seed)).dev
        const share = labels.filter((label) => label === 0).length * (linesOf(dev).length / labels.length)
        const found = labelsOf(dev).filter((label) => label === 0).length
        expect(Math.abs(found - share)).toBeLessThan(1)
      }),
    )
  })

  it('is the same for the same seed and another for another', () => {
    const loaded = labelled(Array.from({ length: 200 }, (_, row) => row % 2))
    expect(chooseDevLines(loaded, 7)).toEqual(chooseDevLines(loaded, 7))
    expect(chooseDevLines(loaded, 7)).not.toEqual(chooseDevLines(loaded, 8))
  })

  it('takes a tenth, one row at least and 2,000 at most', () => {
    const ofRows = (count: number) =>
      chooseDevLines(labelled(Array.from({ length: count }, (_, row) => row % 2)), 1).length
    expect([3, 40, 1000, 30_000].map(ofRows)).toEqual([1, 4, 100, 2000])
  })

  it('keeps the windows of one text together', () => {
    const one = labelled([0, 0, 0])
    const tokens = new Int32Array(2)
    const examples = [2, 2, 2, 3, 4, 4].map((line): Example => ({
      kind: 'sequence',
      tokens,
      scored: Uint8Array.of(0, 1),
      line,
    }))
    const loaded = { ...one, dataset: { objective: { kind: 'text' } as const, examples } }
    const { train, dev } = splitByLines(loaded, chooseDevLines(loaded, 3))
    expect(new Set(linesOf(dev)).size).toBe(1)
    expect(linesOf(train)).toEqual([2, 2, 2, 3, 4, 4].filter((line) => !linesOf(dev).includes(line)))
    expect(train.rows.lines.length).toBe(2)
  })

  it('is refused where no row can be spared', () => {
    expect(caughtError(() => chooseDevLines(labelled([0, 1]), 1)).code).toBe('data-insufficient')
  })

  it('is refused where the file no longer has a row that was chosen', () => {
    const error = caughtError(() => splitByLines(labelled([0, 0, 1]), [2, 9]))
    expect(error).toMatchObject({ code: 'data-invalid', details: { line: 9 } })
  })
})

describe('two datasets', () => {
  it('report the rows that they share, with the first lines', () => {
    const duplicates = findDuplicates(labelled([0, 1, 0], [10, 11, 11]), labelled([0, 1, 1], [12, 11, 10]))
    expect(duplicates).toEqual({
      count: 2,
      firstRows: [
        { trainLine: 3, devLine: 3 },
        { trainLine: 2, devLine: 4 },
      ],
    })
  })

  it('keep the first few shared rows only', () => {
    const same = labelled(Array.from({ length: 40 }, () => 0))
    expect(findDuplicates(same, same).count).toBe(40)
    expect(findDuplicates(same, same).firstRows.length).toBe(5)
  })

  it('are refused where one has labels that the other never shows', () => {
    const error = caughtError(() => refuseUnseenLabels(labelled([0, 1]), labelled([0, 2, 3, 2])))
    expect(error).toMatchObject({ code: 'data-invalid', details: { line: 3, column: 'label' } })
    expect(error.message).toMatch(/never seen in training: "maybe" \(line 3\), "never" \(line 4\)/)
    expect(() => refuseUnseenLabels(labelled([0, 1, 2]), labelled([2]))).not.toThrow()
  })
})
