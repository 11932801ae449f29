import { describe, expect, it } from 'vitest'
import { changedBlocks } from '../../../core/export/onnx/changed-blocks.js'
import { writeBlocks } from '../../../core/export/onnx/write-blocks.js'
import { bytesSource } from '../../../core/formats/byte-source.js'
import type { PlacedOnnxTensor } from '../../../core/formats/onnx/open-onnx.js'
import { hasZeroPoints, middleOf, type BlockMatrix } from '../../../core/model/onnx/stored-matrix.js'
import { storedRows } from '../../../core/model/onnx/stored-rows.js'
import { sameOrder, unpackedPiece, UnpackedRows } from '../../../core/model/unpacked-rows.js'
import { caughtError } from '../../support/caught-error.js'
import { randomNumbers } from '../../support/random-numbers.js'

const [rows, columns, blockLength] = [24, 48, 16] as const
const blocks = columns / blockLength

type Kind = Pick<BlockMatrix, 'bits' | 'isSigned' | 'isTransposed'> & {
  readonly zeroPoints: BlockMatrix['zeroPoints']['kind']
  readonly isPadded: boolean
}

function tensor(name: string, dtype: string, bytes: Uint8Array): PlacedOnnxTensor {
  return { name, dtype, shape: [], byteLength: bytes.byteLength, offset: 0, source: bytesSource(bytes, name) }
}

/** A matrix of random numbers. */
function made(seed: number, { bits, isSigned, isTransposed, zeroPoints: kind, isPadded }: Kind): BlockMatrix {
  const random = randomNumbers(seed)
  const bytes = (count: number) => Uint8Array.from({ length: count }, () => random.below(256))
  const floats = (center: number) =>
    new Uint8Array(Float32Array.from({ length: rows * blocks }, () => center + random.symmetric()).buffer)
  const perRow = isPadded ? Math.ceil((blocks * bits) / 8) * rows : Math.ceil((rows * blocks * bits) / 8)
  const zeroPoints: Readonly<Record<Kind['zeroPoints'], () => BlockMatrix['zeroPoints']>> = {
    same: () => ({ kind: 'same', value: middleOf({ bits }) }),
    codes: () => ({ kind: 'codes', isPadded, tensor: tensor('zeros', 'U8', bytes(perRow)) }),
    floats: () => ({ kind: 'floats', tensor: tensor('zeros', 'F32', floats(7)) }),
    offsets: () => ({ kind: 'offsets', tensor: tensor('zeros', 'F32', floats(0)) }),
  }
  return {
    kind: 'blocks',
    rows,
    columns,
    bits,
    blockLength,
    codes: tensor('codes', 'U8', bytes((rows * columns * bits) / 8)),
    scales: tensor('scales', 'F32', floats(2)),
    zeroPoints: zeroPoints[kind](),
    isSigned,
    isTransposed,
  }
}

function blocksOf(matrix: BlockMatrix): Uint8Array {
  const piece = unpackedPiece(storedRows(matrix, 0, rows), sameOrder, new UnpackedRows())
  const bytes = new Uint8Array(piece.byteLength)
  piece.readInto(0, bytes)
  return bytes
}

/** The same matrix with other data in its tensors. */
function withData(matrix: BlockMatrix, written: ReturnType<typeof writeBlocks>): BlockMatrix {
  const replaced = (old: PlacedOnnxTensor): PlacedOnnxTensor => {
    const found = written.find(({ tensor: { name } }) => name === old.name)
    return found === undefined ? old : tensor(old.name, old.dtype, found.bytes)
  }
  const { zeroPoints } = matrix
  return {
    ...matrix,
    codes: replaced(matrix.codes),
    scales: replaced(matrix.scales),
    zeroPoints: 'tensor' in zeroPoints ? { ...zeroPoints, tensor: replaced(zeroPoints.tensor) } : zeroPoints,
  }
}

const part = (matrix: BlockMatrix) => ({ name: 'w', matrix, firstRow: 0, rows, order: sameOrder })

const kinds = ([4, 8] as const).flatMap((bits) =>
  [true, false].flatMap((isSigned) =>
    [true, false].flatMap((isTransposed) =>
      (['same', 'codes', 'floats', 'offsets'] as const).map((zeroPoints): Kind => ({
        bits,
        isSigned,
        isTransposed,
        zeroPoints,
        isPadded: !isTransposed,
      })),
    ),
  ),
)

describe.each(kinds)(
  'a matrix of $bits bits, signed $isSigned, transposed $isTransposed, zero points $zeroPoints',
  (kind) => {
    it('has the blocks that were written to it', () => {
      const [before, wanted] = [made(1, kind), made(2, kind)]
      const [from, to] = [blocksOf(before), blocksOf(wanted)]
      const changed = [...changedBlocks(before, { part: part(before), before: from, after: to })]
      const after = blocksOf(withData(before, writeBlocks(before, changed)))
      if (kind.zeroPoints !== 'offsets') expect(Buffer.compare(after, to)).toBe(0)
      // An offset is the product of zero point and scale: a zero point that is read back is off by a rounding.
      const blockBytes = (hasZeroPoints(before) ? 8 : 4) + (blockLength * kind.bits) / 8
      const [found, expected] = [new DataView(after.buffer), new DataView(to.buffer)]
      for (let at = 0; at < to.byteLength; at += blockBytes) {
        expect(found.getFloat32(at, true)).toBe(expected.getFloat32(at, true))
        if (!hasZeroPoints(before)) continue
        expect(found.getFloat32(at + 4, true)).toBeCloseTo(expected.getFloat32(at + 4, true), 3)
      }
    })

    it('keeps every byte of blocks that did not change', () => {
      const before = made(1, kind)
      const from = blocksOf(before)
      const changed = [...changedBlocks(before, { part: part(before), before: from, after: from.slice() })]
      expect(changed).toEqual([])
      for (const { tensor: old, bytes } of writeBlocks(before, changed)) {
        expect(Buffer.compare(bytes, old.source.read(0, old.byteLength))).toBe(0)
      }
    })
  },
)

it('refuses a zero point that codes cannot say', () => {
  const kind: Kind = { bits: 4, isSigned: false, isTransposed: false, zeroPoints: 'codes', isPadded: true }
  const matrix = made(1, kind)
  const block = { row: 3, block: 0, scale: 1, zeroPoint: 2.5, codes: new Uint8Array(8) }
  const failure = caughtError(() => writeBlocks(matrix, [block]))
  expect(failure).toMatchObject({ code: 'value-unrepresentable', details: { value: 2.5 } })
})
