import { describe, expect, it } from 'vitest'
import { continuationTokens } from '../../../core/data/continuation-tokens.js'
import { labelOptions, refuseAmbiguousLabels } from '../../../core/data/label-options.js'
import type { Layout } from '../../../core/data/layout.js'
import { readLayout } from '../../../core/data/layout.js'
import { resolveLabels } from '../../../core/data/resolve-labels.js'
import type { LabelsTask } from '../../../core/schema/task.js'
import { byteTokenizer } from '../../support/byte-tokenizer.js'
import { dataFile } from '../../support/data-file.js'
import { caughtError } from '../../support/caught-error.js'

const prompt: LabelsTask = { version: 1, kind: 'labels', prompt: '{text}' }
const resolve = (content: string, task: LabelsTask = prompt, skipBadRows = false) => {
  const path = dataFile('rows.csv', content)
  const layout: Layout = readLayout(path)
  const columnOf = (name: string) => name
  const tokenizer = byteTokenizer()
  return resolveLabels(task, {
    path,
    tokenizer,
    layout,
    columnOf,
    limit: Infinity,
    skipBadRows,
    purpose: 'train',
  })
}
/** Eight rows of four columns: `text` is unique, `id` too; `kind` has two values, `hour` three. */
const table = (kind: string, hour: string) =>
  [
    `text,id,${kind},${hour}`,
    ...Array.from({ length: 8 }, (_, row) => `t${row},${row},k${row % 2},${row % 3}`),
  ]
    .map((line) => `${line}\n`)
    .join('')

describe('the label column', () => {
  it('is the only unused column with a usual name', () => {
    expect(resolve(table('Label', 'hour')).labelColumn).toBe('Label')
    expect(resolve(table('intent', 'hour')).labelColumn).toBe('intent')
  })

  it('is otherwise the only unused column whose values repeat', () => {
    expect(resolve(table('mood', 'source').replace(/,\d$/gm, ',x')).labelColumn).toBe('mood')
    expect(resolve('text,mood\na,x\nb,x\nc,y\nd,y\ne,y\n').labelColumn).toBe('mood')
  })

  it('is the named one, whatever else there is', () => {
    expect(resolve(table('label', 'hour'), { ...prompt, labelColumn: 'hour' })).toMatchObject({
      labelColumn: 'hour',
      labels: { '0': ' 0', '1': ' 1', '2': ' 2' },
    })
  })

  it('must be named where several columns could be meant', () => {
    const error = caughtError(() => resolve(table('mood', 'hour')))
    expect(error.code).toBe('request-invalid')
    expect(error.message).toMatch(
      /candidates are 'mood' \(2 values\), 'hour' \(3 values\); name it with --label-column/,
    )
    expect(caughtError(() => resolve(table('label', 'class'))).message).toMatch(/'label' .*'class'/)
  })

  it('must be named where no column could be meant', () => {
    const error = caughtError(() => resolve('text,id\na,1\nb,2\nc,3\n'))
    expect(error.code).toBe('request-invalid')
    expect(error.message).toMatch(/none of the unused columns \('id'\)/)
  })

  it('is missing where the prompt uses every column', () => {
    expect(caughtError(() => resolve('text\na\n')).message).toMatch(/the prompt uses every column/)
  })

  it('with a usual name but too many values is not taken', () => {
    const rows = Array.from({ length: 200 }, (_, row) => `t${row},${row % 90}\n`).join('')
    expect(caughtError(() => resolve(`text,target\n${rows}`)).code).toBe('request-invalid')
    expect(
      Object.keys(resolve(`text,target\n${rows}`, { ...prompt, labelColumn: 'target' }).labels).length,
    ).toBe(90)
  })
})

describe('the labels', () => {
  it('are the values of the column with a space, in a fixed order', () => {
    expect(Object.entries(resolve('text,label\na,yes\nb,no\nc,yes\n').labels)).toEqual([
      ['no', ' no'],
      ['yes', ' yes'],
    ])
  })

  it('need two values at least', () => {
    for (const content of ['text,label\na,yes\nb,yes\n', 'text,label\na,yes\nb,\n', 'text,label\na,\n']) {
      const error = caughtError(() => resolve(content, { ...prompt, labelColumn: 'label' }))
      expect(error.code).toBe('data-insufficient')
    }
    const given = { ...prompt, labels: { yes: ' yes', no: ' no' } }
    expect(caughtError(() => resolve('text,label\na,yes\nb,yes\n', given)).message).toMatch(
      /found only "yes"/,
    )
  })

  it('that the task lacks are named with their lines, the first five of them', () => {
    const rows = ['yes', 'no', 'a', 'b', 'a', 'c', 'd', 'e', 'f', 'g'].map((label) => `x,${label}\n`).join('')
    const given = { ...prompt, labels: { yes: ' yes', no: ' no' } }
    const error = caughtError(() => resolve(`text,label\n${rows}`, given))
    expect(error).toMatchObject({ code: 'data-invalid', details: { line: 4, column: 'label' } })
    expect(error.message).toMatch(/"a" \(line 4\), "b" \(line 5\), .*"e" \(line 9\) and 2 more$/)
    expect(resolve(`text,label\n${rows}`, given, true).labels).toEqual(given.labels)
  })

  it('are at most 1,000', () => {
    const rows = Array.from({ length: 1001 }, (_, row) => `t,${row}\n`).join('')
    const error = caughtError(() => resolve(`text,label\n${rows}`, { ...prompt, labelColumn: 'label' }))
    expect(error.code).toBe('data-invalid')
  })

  it('are missing where the file has a header only', () => {
    expect(caughtError(() => resolve('text,label\n')).code).toBe('data-insufficient')
  })
})

describe('label options', () => {
  const tokenizer = byteTokenizer()

  it.each([
    [{ a: ' same', b: ' same' }, /'a' \(" same"\) has the same tokens as label 'b'/],
    [{ a: ' art history', b: ' art' }, /'b' \(" art"\) has tokens that are the start of those of label 'a'/],
  ])('of %j are refused', (labels, message) => {
    const error = caughtError(() => refuseAmbiguousLabels(labelOptions(labels, tokenizer)))
    expect(error.code).toBe('request-invalid')
    expect(error.message).toMatch(message)
  })

  it('without text are refused', () => {
    expect(caughtError(() => labelOptions({ a: '', b: ' x' }, tokenizer)).code).toBe('request-invalid')
  })

  it('go on after a prompt where the tokenizer puts a space before every text', () => {
    const plain = byteTokenizer()
    const encode = (text: string) => plain.encode(` ${text}`, 'text')
    expect(continuationTokens(' great', { ...plain, encode })).toEqual([...Buffer.from(' great')])
    expect(continuationTokens(' great', plain)).toEqual([...Buffer.from(' great')])
  })
})
