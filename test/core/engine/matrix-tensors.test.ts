import { expect, it } from 'vitest'
import { matrixTensors } from '../../../core/engine/matrix-tensors.js'
import { MiddlePoints } from '../../../core/engine/middle-points.js'
import type { QuantizedMatrix } from '../../../core/quantization/matrix.js'

function matrix(rows: number): QuantizedMatrix {
  const scales = new Float32Array(rows).fill(1)
  const codes = new Uint8Array(16 * rows)
  return { kind: 'quantized', rows, columns: 32, bits: 4, blockSize: 32, codes, scales, zeroPoints: null }
}

it('gives matrices without zero points the same memory of middle ones', () => {
  const middles = new MiddlePoints()
  const larger = matrixTensors('a', matrix(3), 'zeroPoints', middles)['a.zeroPoints']
  const smaller = matrixTensors('b', matrix(2), 'zeroPoints', middles)['b.zeroPoints']
  expect(larger.data).toEqual(Float32Array.of(8, 8, 8))
  expect(smaller.data).toEqual(Float32Array.of(8, 8))
  expect(smaller.data.buffer).toBe(larger.data.buffer)
})
