import { describe, expect, it } from 'vitest'
import { bytesSource } from '../../../core/formats/byte-source.js'
import { tensorType } from '../../../core/formats/gguf/tensor-types.js'
import { integerBlocks, integerBlockTypes } from '../../../core/formats/integer-blocks.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import { encodeMatrix } from '../../../core/quantization/encode-matrix.js'
import { readMatrix } from '../../../core/quantization/read-matrix.js'
import { readRows } from '../../../core/quantization/read-rows.js'
import { scaleTensorBytes } from '../../../core/quantization/scale-tensor-bytes.js'
import { randomNumbers } from '../../support/random-numbers.js'

const [rows, columns] = [3, 512]

/** A tensor of a type, and the values that its codes, scales and zero points say. */
function made(name: (typeof integerBlockTypes)[number]['name']) {
  const { bits, blockLength, hasZeroPoints } = integerBlocks(name)
  const { blockBytes = 0 } = tensorType(name) ?? {}
  const random = randomNumbers(bits * blockLength)
  const bytes = new Uint8Array(((rows * columns) / blockLength) * blockBytes)
  const view = new DataView(bytes.buffer)
  const values = new Float32Array(rows * columns)
  const head = hasZeroPoints ? 8 : 4
  for (let at = 0, index = 0; at < bytes.byteLength; at += blockBytes) {
    const scale = Math.fround(random.symmetric())
    const zeroPoint = hasZeroPoints ? random.below(2 ** bits) : 2 ** (bits - 1)
    view.setFloat32(at, scale, true)
    if (hasZeroPoints) view.setFloat32(at + 4, zeroPoint, true)
    for (let i = 0; i < blockLength; i++, index++) {
      const code = random.below(2 ** bits)
      if (bits === 8) bytes[at + head + i] = code
      else bytes[at + head + (i >> 1)] |= code << (4 * (i & 1))
      values[index] = scale * (code - zeroPoint)
    }
  }
  const tensor = { name: 'w', type: name, shape: [rows, columns], offset: 0, byteLength: bytes.byteLength }
  return { tensor, bytes, values }
}

describe.each(integerBlockTypes.map(({ name }) => name))('in a tensor of type %s', (name) => {
  const { tensor, bytes, values } = made(name)

  it('a value is its scale times the distance of its code from the zero point', () => {
    const source = bytesSource(bytes, 'made')
    const matrix = readMatrix(source, tensor)
    const read = readRows(source, tensor)
    for (let row = 0; row < rows; row++) {
      const [found, again] = [new Float32Array(columns), new Float32Array(columns)]
      dequantizeRow(matrix, row, found, 0)
      read(row, again)
      expect(found).toEqual(values.slice(row * columns, (row + 1) * columns))
      expect(again).toEqual(found)
    }
  })

  it('a matrix that was read is written as the same bytes', () => {
    const written = encodeMatrix(tensor, readMatrix(bytesSource(bytes, 'made'), tensor))
    expect(written.roundingError).toBe(0)
    expect(Buffer.compare(written.bytes, bytes)).toBe(0)
  })

  it('factors change scales only', () => {
    const scaled = bytes.slice()
    scaleTensorBytes(tensor, scaled, Float64Array.of(2, 0.5, -1))
    const { blockBytes = 0 } = tensorType(name) ?? {}
    const of = (from: Uint8Array, at: number): number => new DataView(from.buffer).getFloat32(at, true)
    for (let at = 0; at < bytes.byteLength; at += blockBytes) {
      const factor = [2, 0.5, -1][Math.floor((at * rows) / bytes.byteLength)]
      expect(of(scaled, at)).toBe(factor * of(bytes, at))
      expect(scaled.slice(at + 4, at + blockBytes)).toEqual(bytes.slice(at + 4, at + blockBytes))
    }
  })
})
