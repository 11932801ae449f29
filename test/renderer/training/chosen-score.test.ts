import { describe, expect, it } from 'vitest'
import { score, type Score } from '../../../core/schema/score.js'
import { draftOfScore, formsFor, noScore, scoreOf } from '../../../renderer/src/training/chosen-score.js'

const scores: readonly Score[] = [
  { kind: 'accuracy' },
  { kind: 'answer', metric: 'chrf', maxTokens: 12 },
  { kind: 'json', schema: null, maxTokens: 8 },
  { kind: 'json', schema: { type: 'object' }, maxTokens: 8 },
  { kind: 'without-words', words: ['sorry', 'as an AI'], maxTokens: 40 },
  { kind: 'length', words: 7, maxTokens: 16 },
  { kind: 'function', source: 'function score() { return 1 }', maxTokens: 16 },
]

describe('the score that is trained on', () => {
  it.each(scores)('is read back from what a person sees: %j', (chosen) => {
    expect(scoreOf(draftOfScore(chosen))).toEqual(chosen)
    expect(score.parse(scoreOf(draftOfScore(chosen)))).toEqual(chosen)
  })

  it('is the loss where none is chosen', () => {
    expect(scoreOf(noScore)).toBeNull()
    expect(draftOfScore(null)).toEqual(noScore)
  })

  it('waits for words, and for a schema that is one', () => {
    expect(scoreOf({ ...noScore, form: 'without-words', words: ' , ' })).toBeUndefined()
    expect(scoreOf({ ...noScore, form: 'json', schema: '[1]' })).toBeUndefined()
    expect(scoreOf({ ...noScore, form: 'json', schema: '{' })).toBeUndefined()
  })

  it('is of labels or of written answers, as the task is', () => {
    expect(formsFor('labels')).toEqual(['accuracy'])
    expect(formsFor('answer')).toContain('rouge-l')
    expect(formsFor('text')).toEqual([])
  })
})
