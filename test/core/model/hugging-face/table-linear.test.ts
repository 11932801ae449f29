import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { bytesSource } from '../../../../core/formats/byte-source.js'
import { tableBlockType } from '../../../../core/formats/table-blocks.js'
import type { PlacedTensor } from '../../../../core/formats/safetensors/open-safetensors.js'
import {
  hasTableLinears,
  tableLinears,
  type TableLinear,
} from '../../../../core/model/hugging-face/packed/table-linear.js'
import { tableOutliers, tableRows } from '../../../../core/model/hugging-face/packed/table-rows.js'
import { dequantizeBlocks } from '../../../../core/quantization/dequantize-blocks.js'
import { caughtError } from '../../../support/caught-error.js'

/** A linear as bitsandbytes 0.50 writes it with nested scales, and some of its values. Made by tools/packed-models/nested_golden.py. */
interface Golden {
  readonly tensors: Readonly<
    Record<string, { readonly dtype: string; readonly shape: readonly number[]; readonly data: string }>
  >
  readonly samples: readonly (readonly [row: number, column: number, value: number])[]
}

const path = join(import.meta.dirname, '..', '..', '..', 'golden', 'bitsandbytes', 'nested-nf4.json')
const golden = JSON.parse(readFileSync(path, 'utf8')) as Golden

function placed(name: string, dtype: string, shape: readonly number[], bytes: Uint8Array): PlacedTensor {
  return { name, dtype, shape, offset: 0, byteLength: bytes.byteLength, source: bytesSource(bytes, 'made') }
}

/** The golden linear, with other tensors in place of some of its own. */
function tensorsOf(others: readonly PlacedTensor[] = []): Map<string, PlacedTensor> {
  const own = Object.entries(golden.tensors).map(([name, { dtype, shape, data }]) =>
    placed(`x.${name}`, dtype, shape, Uint8Array.from(Buffer.from(data, 'base64'))),
  )
  return new Map([...own, ...others].map((tensor) => [tensor.name, tensor]))
}

function linearOf(others: readonly PlacedTensor[] = []): TableLinear {
  const found = tableLinears(tensorsOf(others)).get('x')
  if (found === undefined) throw new Error('no linear')
  return found
}

const sameOrder = { rowBefore: (row: number) => row }

describe('a linear of bitsandbytes with nested scales', () => {
  it('has the values that bitsandbytes makes of it, whatever rows are read', () => {
    const linear = linearOf()
    const { rows, columns } = linear
    expect([rows, columns, tableBlockType(linear)]).toEqual([320, 64, 'NF4_64'])
    const { rowBytes, readRun } = tableRows(linear)
    for (const [first, count] of [
      [0, rows],
      [250, 12],
    ]) {
      const writeRow = readRun(first, count)
      const [bytes, values] = [new Uint8Array(rowBytes), new Float32Array(columns)]
      for (const [row, column, value] of golden.samples) {
        if (row < first || row >= first + count) continue
        writeRow(row - first, bytes)
        dequantizeBlocks('NF4_64', bytes, values)
        expect(values[column]).toBe(value)
      }
    }
  })

  it('is refused where a part is missing, of another length, or of another table', () => {
    const failure = (...others: PlacedTensor[]) => caughtError(() => linearOf(others))
    const zeros = (name: string, dtype: string, count: number): PlacedTensor =>
      placed(`x.weight${name}`, dtype, [count], new Uint8Array(count * (dtype === 'U8' ? 1 : 4)))
    expect(failure(zeros('', 'U8', 100)).message).toContain('expected 10240 of U8, found 100 of U8')
    expect(failure(zeros('.absmax', 'F32', 320)).message).toContain('expected 320 of U8')
    expect(failure(zeros('.quant_map', 'F32', 16))).toMatchObject({ code: 'model-unsupported' })
    expect(failure(zeros('.nested_absmax', 'F32', 1)).message).toContain('expected 2 of F32')
    expect(failure(zeros('.quant_state.bitsandbytes__nf4', 'U8', 5000))).toMatchObject({
      code: 'model-malformed',
    })
  })
})

describe('outliers', () => {
  const ofValues = (positions: readonly number[], count = positions.length): readonly PlacedTensor[] => [
    placed(
      'x.weight.outlier_positions',
      'I32',
      [positions.length],
      new Uint8Array(Int32Array.from(positions).buffer),
    ),
    placed('x.weight.outlier_values', 'BF16', [count], new Uint8Array(2 * count).fill(0x40)),
  ]

  it('move with their rows', () => {
    const found = tableOutliers(linearOf(ofValues([3, 64 + 5, 640])), { rowBefore: (row) => row ^ 1 })
    expect([...(found?.positions ?? [])]).toEqual([5, 64 + 3, 640 + 64])
    expect([...(found?.values ?? [])]).toEqual([3, 3, 3])
  })

  it.each([[[5, 5]], [[7, 2]], [[-1]], [[320 * 64]]])('at %o are refused', (positions) => {
    const error = caughtError(() => tableOutliers(linearOf(ofValues(positions)), sameOrder))
    expect(error).toMatchObject({ code: 'model-malformed' })
  })

  it('without as many values are refused', () => {
    const error = caughtError(() => tableOutliers(linearOf(ofValues([1, 2], 3)), sameOrder))
    expect(error).toMatchObject({ code: 'model-malformed' })
  })
})

it('only NF4 and BOF4 are read so', () => {
  expect(hasTableLinears({ quant_method: 'bitsandbytes', load_in_4bit: true })).toBe(true)
  expect(hasTableLinears({ quant_method: 'bof4' })).toBe(true)
  expect(hasTableLinears({ quant_method: 'bitsandbytes', load_in_8bit: true })).toBe(false)
  expect(hasTableLinears({ quant_method: 'gptq', bits: 4 })).toBe(false)
  expect(hasTableLinears(null)).toBe(false)
})
