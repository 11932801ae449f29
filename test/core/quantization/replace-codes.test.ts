import { describe, expect, it } from 'vitest'
import { bytesSource } from '../../../core/formats/byte-source.js'
import { quantizedTypes, tensorType, type QuantizedType } from '../../../core/formats/gguf/tensor-types.js'
import { constantBlocks } from '../../../core/quantization/constant-blocks.js'
import type { QuantizedMatrix } from '../../../core/quantization/matrix.js'
import { readMatrix } from '../../../core/quantization/read-matrix.js'
import { canReplaceCodes, replaceCodes } from '../../../core/quantization/replace-codes.js'
import { caughtError } from '../../support/caught-error.js'
import { randomNumbers } from '../../support/random-numbers.js'
import { randomTensorBytes } from '../../support/random-tensor.js'

const shape = [3, 512]

function make(type: QuantizedType) {
  const range = { magnitude: 0.1, center: 0 }
  const bytes = randomTensorBytes(randomNumbers(9), type, shape[0] * shape[1], range)
  return { tensor: { name: 'w', type, shape, byteLength: bytes.byteLength, offset: 0 }, bytes }
}

function read({ tensor, bytes }: ReturnType<typeof make>): QuantizedMatrix {
  return readMatrix(bytesSource(bytes, 'made'), tensor) as QuantizedMatrix
}

const whole = ['Q4_0', 'Q4_1', 'Q8_0', 'Q4_K'] as const

describe.each(whole)('codes of type %s', (type) => {
  it('are replaced by any others, and nothing else is', () => {
    const made = make(type)
    const before = read(made)
    const random = randomNumbers(4)
    const codes = before.codes.map(() => random.below(256))
    const blockCodes = (before.blockSize * before.bits) / 8
    for (const block of constantBlocks(before)) {
      const first = block * blockCodes
      codes.set(before.codes.subarray(first, first + blockCodes), first)
    }
    const { blockBytes, blockLength } = tensorType(type) ?? { blockBytes: 1, blockLength: 1 }
    const original = made.bytes.slice()
    replaceCodes(made.tensor, made.bytes, codes)
    expect(read(made)).toEqual({ ...before, codes })
    const codeBytes = (blockLength * before.bits) / 8
    const heads = (bytes: Uint8Array) => bytes.filter((_, i) => i % blockBytes < blockBytes - codeBytes)
    expect(heads(made.bytes)).toEqual(heads(original))
  })
})

it('of other types are left alone, since they cannot hold every code', () => {
  const others = quantizedTypes.filter((type) => !whole.some((each) => each === type))
  for (const type of others) {
    const { tensor, bytes } = make(type)
    expect(canReplaceCodes(tensor)).toBe(false)
    expect(caughtError(() => replaceCodes(tensor, bytes, new Uint8Array(768))).code).toBe('bug')
  }
})

it('mean nothing in blocks whose scale in the file is 0', () => {
  const made = make('Q4_1')
  expect(constantBlocks(read(made))).toEqual([])
  made.bytes.fill(0, 5 * 20, 5 * 20 + 2)
  const matrix = read(made)
  expect(constantBlocks(matrix)).toEqual([5])
  expect(constantBlocks({ ...matrix, zeroPoints: null })).toEqual([])
})
