import { describe, expect, it } from 'vitest'
import { ColumnTally } from '../../../../core/data/column-statistics.js'
import { reasonSentence, type TaskGuess } from '../../../../core/data/guess/guess-reason.js'
import { guessTask } from '../../../../core/data/guess/guess-task.js'
import { promptColumns } from '../../../../core/data/task-columns.js'
import { rowTemplate } from '../../../../core/data/read-template.js'
import type { TextTask } from '../../../../core/schema/task.js'
import { answerLayouts } from '../../../support/layouts/answer-layouts.js'
import type { PublicLayout } from '../../../support/layouts/made-values.js'
import { otherLayouts } from '../../../support/layouts/other-layouts.js'

const rowCount = 60
const publicLayouts = [...answerLayouts, ...otherLayouts]

function guessed({ columns }: Pick<PublicLayout, 'columns'>): TaskGuess | null {
  const tallies = Object.entries(columns).map(([name, make]) => {
    const tally = new ColumnTally(name)
    for (let row = 0; row < rowCount; row++) tally.add(make(row))
    return tally.statistics()
  })
  return guessTask(tallies, rowCount)
}

/** Kind, columns of the prompt, and what is learned. */
function shownTask(task: TextTask): string {
  const learned =
    task.kind === 'labels'
      ? [task.labelColumn]
      : task.kind === 'answer'
        ? rowTemplate(task.answer).columns
        : []
  const arrow = learned.length === 0 ? '' : ` -> ${learned.join(' ')}`
  return `${task.kind}: ${promptColumns(task).join(' ')}${arrow}`
}

const found = publicLayouts.map((layout) => ({ ...layout, guess: guessed(layout) }))

describe('the layouts of public data sets', () => {
  it('are recognised, 95 of 100 at least', () => {
    expect(publicLayouts.length).toBeGreaterThanOrEqual(60)
    const wrong = found.flatMap(({ name, expected, guess }) => {
      const shown = guess === null ? 'nothing' : shownTask(guess.task)
      return shown === expected ? [] : [`${name}: ${shown}, expected ${expected}`]
    })
    expect(wrong).toEqual([])
  })

  it('come with a sentence that says why, which names columns', () => {
    for (const { guess, columns } of found) {
      const sentence = guess === null ? '' : reasonSentence(guess.reason)
      expect(Object.keys(columns).some((name) => sentence.includes(`'${name}`))).toBe(true)
    }
  })
})

describe('what is guessed', () => {
  const reasonOf = (columns: PublicLayout['columns']) => guessed({ columns })?.reason
  const text = (row: number) => `a text of its own, number ${row}`

  it('is nothing where nothing can be learned', () => {
    expect(guessed({ columns: { id: (row) => row, size: (row) => row * 3 } })).toBeNull()
    expect(guessed({ columns: { '{odd}': text } })).toBeNull()
    expect(guessed({ columns: {} })).toBeNull()
  })

  it('says how it knows', () => {
    const value = (row: number) => (row % 2 === 0 ? 'yes' : 'no')
    expect(reasonOf({ text, label: value })).toEqual({
      code: 'label-name',
      column: 'label',
      distinctCount: 2,
    })
    expect(reasonOf({ text, team: value })).toEqual({
      code: 'few-distinct-values',
      column: 'team',
      distinctCount: 2,
      rowCount,
    })
    expect(reasonOf({ a: text, b: (row) => `other ${row}` })).toEqual({
      code: 'two-text-columns',
      prompt: 'a',
      answer: 'b',
    })
    expect(reasonOf({ chosen: text, rejected: text })?.code).toBe('better-answer')
  })

  it('is no label where a column only says where a row comes from', () => {
    const columns = { text, source: (row: number) => (row % 2 === 0 ? 'mail' : 'chat') }
    expect(guessed({ columns })?.task.kind).toBe('text')
  })
})
