import { describe, expect, it } from 'vitest'
import { bytesSource } from '../../../core/formats/byte-source.js'
import type { GgufTensor } from '../../../core/formats/gguf/gguf-file.js'
import { tensorType, type ReadableType } from '../../../core/formats/gguf/tensor-types.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import type { Matrix } from '../../../core/quantization/matrix.js'
import { readMatrix } from '../../../core/quantization/read-matrix.js'
import { readVector } from '../../../core/quantization/read-vector.js'
import { caughtError } from '../../support/caught-error.js'
import { randomNumbers } from '../../support/random-numbers.js'
import { randomTensorBytes } from '../../support/random-tensor.js'

function read(type: string, shape: readonly number[], bytes: Uint8Array): Matrix {
  return readMatrix(bytesSource(bytes, 'model.gguf'), tensorOf(type, shape, bytes))
}

function tensorOf(type: string, shape: readonly number[], bytes: Uint8Array): GgufTensor {
  return { name: 'some.weight', type, shape, offset: 0, byteLength: bytes.byteLength }
}

function rowsOf(matrix: Matrix): number[][] {
  return Array.from({ length: matrix.rows }, (_, row) => {
    const target = new Float32Array(matrix.columns + 2)
    dequantizeRow(matrix, row, target, 2)
    return [...target.subarray(2)]
  })
}

/** Half floats: 1 is 0x3c00, 0.5 is 0x3800, −2 is 0xc000. */
const one = [0x00, 0x3c]
const oneHalf = [0x00, 0x38]
const minusTwo = [0x00, 0xc0]
/** Byte j holds code j mod 16 low and 15 − j mod 16 high: codes 0…15, then 15…0. */
const upAndDown = Array.from({ length: 16 }, (_, byte) => byte | ((15 - byte) << 4))
const upAndDownCodes = [
  ...Array.from({ length: 16 }, (_, code) => code),
  ...Array.from({ length: 16 }, (_, code) => 15 - code),
]
/** The same codes with neighbours in one byte, low first. */
const neighbours = [
  0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01,
]

describe('a block written by hand', () => {
  it('of Q4_0 is d · (q − 8)', () => {
    const matrix = read('Q4_0', [1, 32], Uint8Array.from([...oneHalf, ...upAndDown]))
    expect(matrix).toEqual({
      kind: 'quantized',
      rows: 1,
      columns: 32,
      bits: 4,
      blockSize: 32,
      codes: Uint8Array.from(neighbours),
      scales: Float32Array.of(0.5),
      zeroPoints: null,
    })
    expect(rowsOf(matrix)).toEqual([upAndDownCodes.map((code) => 0.5 * (code - 8))])
  })

  it('of Q4_1 is d · q + m', () => {
    const matrix = read('Q4_1', [1, 32], Uint8Array.from([...oneHalf, ...minusTwo, ...upAndDown]))
    expect(matrix).toMatchObject({
      codes: Uint8Array.from(neighbours),
      scales: Float32Array.of(0.5),
      zeroPoints: Float32Array.of(4),
    })
    expect(rowsOf(matrix)).toEqual([upAndDownCodes.map((code) => 0.5 * code - 2)])
  })

  it('of Q4_1 with d = 0 is m everywhere, exactly', () => {
    const matrix = read('Q4_1', [1, 32], Uint8Array.from([0, 0, ...minusTwo, ...upAndDown]))
    expect(matrix).toMatchObject({ scales: Float32Array.of(-2), zeroPoints: Float32Array.of(0) })
    expect(rowsOf(matrix)).toEqual([Array.from({ length: 32 }, () => -2)])
  })

  it('of Q4_1 with d = m = 0 is zero', () => {
    const matrix = read('Q4_1', [1, 32], Uint8Array.from([0, 0, 0, 0, ...upAndDown]))
    expect(rowsOf(matrix)).toEqual([Array.from({ length: 32 }, () => 0)])
  })

  it('of Q8_0 is d · q with signed q', () => {
    const codes = [-128, -1, 0, 127, ...Array.from({ length: 28 }, (_, index) => index)]
    const matrix = read('Q8_0', [1, 32], Uint8Array.from([...oneHalf, ...codes.map((code) => code & 255)]))
    expect(matrix).toMatchObject({
      bits: 8,
      codes: Uint8Array.from(codes.map((code) => code + 128)),
      zeroPoints: null,
    })
    expect(rowsOf(matrix)).toEqual([codes.map((code) => 0.5 * code)])
  })

  it('of F16 keeps its bits, and BF16 and F32 become float32', () => {
    const f16 = read('F16', [2, 1], Uint8Array.from([...one, ...minusTwo]))
    expect(f16).toEqual({ kind: 'float16', rows: 2, columns: 1, values: Uint16Array.of(0x3c00, 0xc000) })
    expect(rowsOf(f16)).toEqual([[1], [-2]])
    const bf16 = read('BF16', [1, 2], Uint8Array.of(0x80, 0x3f, 0x20, 0xc1))
    expect(bf16).toEqual({ kind: 'float32', rows: 1, columns: 2, values: Float32Array.of(1, -10) })
    const f32 = read('F32', [1, 2], new Uint8Array(Float32Array.of(0.1, -3).buffer))
    expect(rowsOf(f32)).toEqual([[Math.fround(0.1), -3]])
  })
})

/** Value `index` of the tensor by the formula of its type, straight from the file's bytes. */
const formulas: Readonly<
  Record<'Q4_0' | 'Q4_1' | 'Q8_0', (view: DataView, start: number, at: number) => number>
> = {
  Q4_0: (view, start, at) => half(view, start) * (nibble(view, start + 2, at) - 8),
  Q4_1: (view, start, at) => half(view, start) * nibble(view, start + 4, at) + half(view, start + 2),
  Q8_0: (view, start, at) => half(view, start) * view.getInt8(start + 2 + at),
}

function nibble(view: DataView, start: number, at: number): number {
  return at < 16 ? view.getUint8(start + at) & 15 : view.getUint8(start + at - 16) >> 4
}

/** Normal half floats only. */
function half(view: DataView, start: number): number {
  const bits = view.getUint16(start, true)
  const value = (1 + (bits & 1023) / 1024) * 2 ** (((bits >> 10) & 31) - 15)
  return bits & 0x8000 ? -value : value
}

describe('a random matrix larger than one piece of the file', () => {
  it.each(['Q4_0', 'Q4_1', 'Q8_0'] as const)('of %s has the values of the formula everywhere', (type) => {
    const shape = [70, 8_192]
    const bytes = randomTensorBytes(randomNumbers(5), type, shape[0] * shape[1], {
      magnitude: 0.1,
      center: 0,
    })
    expect(bytes.byteLength).toBeGreaterThan(2 ** 18)
    const matrix = read(type, shape, bytes)
    const view = new DataView(bytes.buffer)
    const blockBytes = tensorType(type)?.blockBytes ?? 0
    const row = new Float32Array(shape[1])
    let worst = 0
    for (let index = 0; index < shape[0]; index++) {
      dequantizeRow(matrix, index, row, 0)
      for (let column = 0; column < shape[1]; column++) {
        const block = (index * shape[1] + column) >> 5
        const expected = formulas[type](view, block * blockBytes, column & 31)
        worst = Math.max(worst, Math.abs(row[column] - expected))
      }
    }
    // −m / d and the product are rounded to float32 once each; values are at most 0.12.
    expect(worst).toBeLessThan(2e-8)
  })
})

describe('values that are not finite are refused, naming the place', () => {
  const nan = [0x00, 0x7e]
  const infinity = [0x00, 0x7c]
  const codes = Array.from({ length: 16 }, () => 0)
  const good = [...one, ...codes]
  it.each([
    ['Q4_0', [2, 64], [...good, ...good, ...good, ...nan, ...codes], 'in block 1 of row 1'],
    ['Q4_1', [1, 32], [...one, ...nan, ...codes], 'in block 0 of row 0'],
    ['Q4_1', [1, 32], [0, 0, ...infinity, ...codes], 'in block 0 of row 0'],
    ['Q4_1', [1, 32], [...infinity, ...one, ...codes], 'in block 0 of row 0'],
    ['Q8_0', [1, 32], [...infinity, ...codes, ...codes], 'in block 0 of row 0'],
    ['F16', [1, 3], [...one, ...one, ...nan], 'found NaN at index 2'],
    ['BF16', [1, 2], [0x80, 0x3f, 0x80, 0xff], 'found -Infinity at index 1'],
    ['F32', [1, 1], [0, 0, 0x80, 0x7f], 'found Infinity at index 0'],
  ])('%s of shape %j', (type, shape, bytes, message) => {
    const error = caughtError(() => read(type, shape, Uint8Array.from(bytes)))
    expect(error.code).toBe('model-malformed')
    expect(error.details).toEqual({ path: 'model.gguf', where: "tensor 'some.weight'" })
    expect(error.message).toMatch(message)
  })
})

it('names a type that it cannot read, and those that it can', () => {
  const error = caughtError(() => read('IQ2_XS', [1, 256], new Uint8Array(74)))
  expect(error.code).toBe('model-unsupported')
  expect(error.message).toMatch(
    "'some.weight' has type IQ2_XS; supported are Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K",
  )
})

it('reads vectors of every float type, and takes neither for the other', () => {
  const vectors: readonly (readonly [ReadableType, readonly number[]])[] = [
    ['F16', [...one, ...minusTwo]],
    ['BF16', [0x80, 0x3f, 0x00, 0xc0]],
    ['F32', [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]],
  ]
  for (const [type, list] of vectors) {
    const bytes = Uint8Array.from(list)
    const vector = readVector(bytesSource(bytes, 'model.gguf'), tensorOf(type, [2], bytes))
    expect(vector).toEqual(Float32Array.of(1, -2))
    expect(caughtError(() => read(type, [2], bytes)).message).toMatch('expected a matrix, found shape [2]')
  }
  const bytes = new Uint8Array(18)
  const matrix = tensorOf('Q4_0', [1, 32], bytes)
  const error = caughtError(() => readVector(bytesSource(bytes, 'model.gguf'), matrix))
  expect(error.message).toMatch('expected a vector, found shape [1, 32]')
})
