import { describe, expect, it } from 'vitest'
import { notice, noticeTexts, readNotice, type NoticeCode } from '../../../core/schema/notices.js'

const codes = Object.keys(noticeTexts) as NoticeCode[]
const values = {
  list: "'a', 'b: (2 tokens)'",
  name: "it's",
  column: '3',
  own: 'a (2)',
  file: 'rows.v2 (1).csv',
  count: '12',
  total: '4',
  dev: '7',
  train: '9',
  first: '27',
  percent: '85',
  score: 'length of answers',
  problem: "line 3: expected 2 values, found 1\nin 'x'",
}

describe('a notice', () => {
  it.each(codes)('%s is known again by its sentence, with what it says', (code) => {
    const text = notice(code, values)
    expect(text).not.toMatch(/\{\w+\}|undefined/)
    const found = readNotice(text)
    expect(found?.code).toBe(code)
    expect(values).toMatchObject(found?.values ?? { none: '' })
    expect(notice(code, found?.values ?? {})).toBe(text)
  })

  it('is nothing that a stranger wrote', () => {
    expect(readNotice('the sun is bright')).toBeNull()
  })
})
