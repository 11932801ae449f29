import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { swapRowsBack, swapRowsToFront } from '../../../core/optimizer/swap-rows.js'

describe('swapping rows to the front', () => {
  it('puts them there in their order, and is undone', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(19), { maxLength: 20 }),
        fc.integer({ min: 1, max: 3 }),
        (picked, columns) => {
          const rows = Uint32Array.from(picked).sort()
          const matrix = Float32Array.from({ length: 20 * columns }, (_, i) => i)
          const before = matrix.slice()
          swapRowsToFront(matrix, columns, rows)
          rows.forEach((row, i) => {
            expect(matrix.subarray(i * columns, (i + 1) * columns)).toEqual(
              before.subarray(row * columns, (row + 1) * columns),
            )
          })
          swapRowsBack(matrix, columns, rows)
          expect(matrix).toEqual(before)
        },
      ),
    )
  })
})
