import { describe, expect, it } from 'vitest'
import { answerScore } from '../../../core/evaluation/score-answer.js'
import { caughtError } from '../../support/caught-error.js'

const maxTokens = 8

describe('the score of a written answer', () => {
  it('compares it with the right one', () => {
    const exact = answerScore({ kind: 'answer', metric: 'exact-match', maxTokens })
    expect([exact('The cat', ['cat']), exact('a dog', ['cat'])]).toEqual([1, 0])
    const f1 = answerScore({ kind: 'answer', metric: 'token-f1', maxTokens })
    expect(f1('black cat', ['cat'])).toBeCloseTo(2 / 3, 12)
  })

  it('asks whether it is JSON, and of what kind', () => {
    const any = answerScore({ kind: 'json', schema: null, maxTokens })
    expect(['{"a":1}', '[]', 'none', '{"a":1} and more'].map((text) => any(text, []))).toEqual([1, 1, 0, 0])
    const schema = {
      type: 'object',
      properties: { team: { enum: ['billing', 'delivery'] } },
      required: ['team'],
    }
    const team = answerScore({ kind: 'json', schema, maxTokens })
    const texts = ['{"team":"billing"}', '{"team":"sales"}', '{}', '[]']
    expect(texts.map((text) => team(text, []))).toEqual([1, 0, 0, 0])
  })

  it('refuses a schema that it does not understand', () => {
    const error = caughtError(() => answerScore({ kind: 'json', schema: { type: 'nothing' }, maxTokens }))
    expect(error.code).toBe('request-invalid')
    expect(error.message).toContain('JSON schema')
  })

  it('asks for words that it must not hold', () => {
    const score = answerScore({ kind: 'without-words', words: ['Sorry', 'can’t'], maxTokens })
    expect(score('I am SORRY.', [])).toBe(0)
    expect(score('We can’t.', [])).toBe(0)
    expect(score('A sorrysome tale', [])).toBe(1)
  })

  it('falls with the distance from a length in words', () => {
    const score = answerScore({ kind: 'length', words: 4, maxTokens })
    expect(['one two three four', 'one two', '', 'a b c d e f g h i'].map((text) => score(text, []))).toEqual(
      [1, 0.5, 0, 0],
    )
  })
})
