import { describe, expect, it } from 'vitest'
import { loadDataset, type DatasetRequest } from '../../../core/data/load-dataset.js'
import { byteTokenizer } from '../../support/byte-tokenizer.js'
import { dataFolder } from '../../support/data-folder.js'
import { errorOf } from '../../support/error-of.js'

const write = dataFolder()
const labels = { '0': ' bad', '1': ' good' }
const task = { version: 1, kind: 'labels', prompt: '{text} is', labels } as const
const tokenizer = byteTokenizer()
const load = (path: string, request: Partial<DatasetRequest> = {}) =>
  loadDataset({ path, task, tokenizer, contextLength: 100, purpose: 'train', ...request })
const text = (tokens: Int32Array) => tokenizer.decode([...tokens])

describe('a labels task', () => {
  it.each([
    ['rows.tsv', 'label\ttext\n0\ta "b\n1\tc, d\n'],
    ['rows.csv', 'label,text\n0,"a ""b"\n1,"c, d"\n'],
    ['rows.jsonl', '{"label":0,"text":"a \\"b"}\n{"text":"c, d","label":"1"}\n'],
  ])('gives the same examples from %s', (name, content) => {
    const { dataset, rows } = load(write(name, content))
    expect(dataset.examples.map((example) => text(example.tokens))).toEqual(['a "b is', 'c, d is'])
    expect(dataset.examples.map((example) => example.kind === 'label' && example.label)).toEqual([0, 1])
    expect(rows.lines).toEqual(Uint32Array.from(name.endsWith('jsonl') ? [1, 2] : [2, 3]))
  })

  it('tokenizes the labels apart from the prompt', () => {
    const { dataset } = load(write('rows.tsv', 'label\ttext\n0\ta\n1\tb\n'))
    expect(dataset.objective).toEqual({
      kind: 'labels',
      options: [
        { name: '0', text: ' bad', tokens: [...Buffer.from(' bad')] },
        { name: '1', text: ' good', tokens: [...Buffer.from(' good')] },
      ],
    })
  })

  it('names every label that the task does not have', () => {
    const path = write('rows.tsv', 'label\ttext\n0\ta\n2\tb\n3\tc\n')
    const error = errorOf(() => load(path))
    expect(error).toMatchObject({ code: 'data-invalid', details: { line: 3, column: 'label' } })
    expect(error.message).toMatch(/"2" \(line 3\), "3" \(line 4\)/)
  })
})
