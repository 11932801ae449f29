import { describe, expect, it } from 'vitest'
import { describeData, type DataDescription } from '../../../core/data/describe-data.js'
import { indexRows } from '../../../core/data/index/row-index.js'
import { readTable } from '../../../core/data/read-table.js'
import { dataFile } from '../../support/data-file.js'

describe('describing a data file', () => {
  it('says what each column holds, and which rows are bad or empty', () => {
    const found = describeText('a.csv', 'text,n,flag\nHello there,1,\n,,\nonly two,2\nBye now,3,\n')
    expect(found).toMatchObject({ format: 'csv', rowCount: 3, emptyRowCount: 1, badRowCount: 1 })
    expect(found.columns.map(({ name, kind, filledCount }) => [name, kind, filledCount])).toEqual([
      ['text', 'text', 2],
      ['n', 'number', 2],
      ['flag', 'empty', 0],
    ])
    expect(found.badRows).toEqual([
      { line: 3, column: '', problem: 'the row is empty', preview: ',,' },
      {
        line: 4,
        column: 'flag',
        problem: 'expected 3 fields as in the header, found 2',
        preview: 'only two,2',
      },
    ])
  })

  it('guesses labels from a column of few values', () => {
    const rows = Array.from({ length: 12 }, (_, i) => `message number ${i},${i % 2 === 0 ? 'yes' : 'no'}`)
    const { guess } = describeText('a.csv', `message,team\n${rows.join('\n')}\n`)
    expect(guess).toEqual({
      task: { version: 1, kind: 'labels', prompt: '{message}\nTeam:', labelColumn: 'team' },
      reason: { code: 'few-distinct-values', column: 'team', distinctCount: 2, rowCount: 12 },
    })
  })

  it('guesses a conversation, an answer, and text', () => {
    const chat = { messages: [{ role: 'user', content: 'Hi' }] }
    expect(describeText('a.jsonl', JSON.stringify(chat)).guess?.task.kind).toBe('chat')
    const pair = { instruction: 'Say hi', output: 'Hi' }
    expect(describeText('b.jsonl', JSON.stringify(pair)).guess?.task).toEqual({
      version: 1,
      kind: 'answer',
      prompt: '{instruction}\n',
      answer: '{output}',
    })
    expect(describeText('c.txt', 'Some prose here.\nAnd more of it.\n').guess?.task.kind).toBe('text')
  })

  it('guesses nothing from numbers alone', () => {
    expect(describeText('a.csv', 'a,b\n1,2\n3,4\n').guess).toBeNull()
  })

  it('shows rows as text, long values cut, and what cannot be read as it is', () => {
    const path = dataFile('a.jsonl', '{"a":"x","b":[1,2]}\nnonsense\n{"a":"123456789"}\n')
    const indexing = indexRows(path)
    let next = indexing.next()
    while (next.done !== true) next = indexing.next()
    expect(readTable(next.value, 0, 9, 5)).toEqual([
      { line: 1, values: ['x', '[1,2]'] },
      { line: 2, values: ['nonse…', ''] },
      { line: 3, values: ['12345…', ''] },
    ])
  })
})

function describeText(name: string, text: string): DataDescription {
  const description = describeData(dataFile(name, text))
  let next = description.next()
  while (next.done !== true) next = description.next()
  return next.value
}
