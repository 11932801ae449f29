import { expect, it } from 'vitest'
import { joinedRows } from '../../../core/data/joined-rows.js'

const examples = (...lists: number[][]): { tokens: Int32Array }[] =>
  lists.map((tokens) => ({ tokens: Int32Array.from(tokens) }))

it('joins examples to rows of one length, and leaves out what fills none', () => {
  const rows = joinedRows(examples([1, 2], [3, 4, 5, 6, 7], [], [8]), { count: 9, length: 3 })
  expect(rows.map((row) => [...row])).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ])
})

it('takes examples from everywhere where there are more than enough', () => {
  const many = Array.from({ length: 12 }, (_, index) => [index, index])
  const rows = joinedRows(examples(...many), { count: 2, length: 4 })
  expect(rows.map((row) => [...row])).toEqual([
    [0, 0, 3, 3],
    [6, 6, 9, 9],
  ])
})

it('gives no rows where there are too few tokens', () => {
  expect(joinedRows(examples([1, 2, 3]), { count: 2, length: 4 })).toEqual([])
})
