import { describe, expect, it } from 'vitest'
import {
  readRowProblem,
  rowProblem,
  rowProblemTexts,
  type RowProblemCode,
} from '../../../core/schema/row-problems.js'

const codes = Object.keys(rowProblemTexts) as RowProblemCode[]
const values = {
  total: '12',
  count: '13',
  at: '4',
  list: '"a (1)", "b"',
  found: '"one, found two (x)"',
  reason: 'it ends too early',
  delimiter: ',',
  encoding: 'UTF-8',
  file: 'folder/a (1).txt',
  token: '}',
  template: 'a (b)',
  name: 'latent',
  expected: 'F32 [batch, 16]',
  value: 'NaN',
}

describe('what is wrong with a row', () => {
  it.each(codes)('%s is known again by its sentence, with what it says', (code) => {
    const text = rowProblem(code, values)
    expect(text).not.toMatch(/\{\w+\}|undefined/)
    const found = readRowProblem(text)
    expect(found?.code).toBe(code)
    expect(values).toMatchObject(found?.values ?? { none: '' })
    expect(rowProblem(code, found?.values ?? {})).toBe(text)
  })

  it('is nothing that a template says', () => {
    expect(readRowProblem('the messages must take turns')).toBeNull()
  })
})
