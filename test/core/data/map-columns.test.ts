import { describe, expect, it } from 'vitest'
import { closestName } from '../../../core/data/closest-name.js'
import { mapColumns } from '../../../core/data/map-columns.js'
import { caughtError } from '../../support/caught-error.js'

describe('columns', () => {
  it('stand for themselves where the file has them', () => {
    const { columnOf, notices } = mapColumns('dev.tsv', ['text'], ['label', 'text'], ['label', 'sentence'])
    expect(columnOf('text')).toBe('text')
    expect(notices).toEqual([])
  })

  it('are replaced where exactly one has another name than in the training file', () => {
    const { columnOf, notices } = mapColumns(
      'dev.tsv',
      ['sentence', 'label'],
      ['label', 'content'],
      ['label', 'sentence'],
    )
    expect(columnOf('sentence')).toBe('content')
    expect(columnOf('label')).toBe('label')
    expect(notices).toEqual(["dev.tsv has no column 'sentence'; using 'content' in its place"])
  })

  it.each([
    ['the training file is not known', ['label', 'content'], []],
    ['two are new', ['label', 'content', 'id'], ['label', 'sentence']],
    ['two are gone', ['content'], ['label', 'sentence']],
    ['the training file has no such column either', ['label', 'content'], ['label', 'text']],
  ])('are unknown where %s', (_, found, known) => {
    const error = caughtError(() => mapColumns('dev.tsv', ['sentence'], found, known))
    expect(error).toMatchObject({ code: 'data-invalid', details: { path: 'dev.tsv', column: 'sentence' } })
    expect(error.message).toContain(`its columns are ${found.map((name) => `'${name}'`).join(', ')}`)
  })

  it('that are nearly right are suggested', () => {
    const error = caughtError(() => mapColumns('rows.csv', ['sentense'], ['id', 'sentence']))
    expect(error.message).toMatch(/did you mean 'sentence'\?$/)
  })
})

describe('the closest name', () => {
  it.each([
    ['Sentence', ['sentence', 'content'], 'sentence'],
    ['labl', ['table', 'label'], 'label'],
    ['text', ['id', 'label'], undefined],
    ['a', [], undefined],
  ])('to %s among %j is %s', (wanted, names, closest) => {
    expect(closestName(wanted, names)).toBe(closest)
  })
})
