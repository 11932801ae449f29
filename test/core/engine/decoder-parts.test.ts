import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decoderParts } from '../../../core/engine/decoder-parts.js'
import { openTiny } from '../../support/open-tiny.js'

it('parts follow each other, cover every block once, and end with the output matrix', () => {
  const { model } = openTiny({ layers: 5 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300_000 }), (limit) => {
      const parts = decoderParts(model, limit)
      let layer = 0
      for (const part of parts) {
        expect(part.firstLayer).toBe(layer)
        layer = part.endLayer
      }
      expect(layer).toBe(5)
      expect(parts.map(({ hasHead }) => hasHead)).toEqual(parts.map((_, index) => index === parts.length - 1))
    }),
  )
})

it('a model that fits is one part', () => {
  const { model } = openTiny()
  expect(decoderParts(model, 2 ** 28)).toEqual([{ firstLayer: 0, endLayer: 2, hasHead: true }])
})
