import { describe, expect, it } from 'vitest'
import { tableBlockLengths, tableBlockType } from '../../../core/formats/table-blocks.js'
import { codeTable } from '../../../core/quantization/code-tables/code-table.js'
import { outlierThreshold } from '../../../core/quantization/code-tables/outlier-threshold.js'
import {
  countOutliers,
  quantizeRows,
  tableQuantizer,
} from '../../../core/quantization/code-tables/table-quantizer.js'
import { takeOutliers } from '../../../core/quantization/code-tables/take-outliers.js'
import { dequantizeBlocks } from '../../../core/quantization/dequantize-blocks.js'
import { evenLevels, type Levels } from '../../../core/quantization/levels.js'
import { fillNormals } from '../../../core/random/directions.js'
import { codeTableNames, type CodeTableName } from '../../../core/schema/code-table.js'
import { optimalTable } from '../../support/optimal-table.js'

/** Of arXiv:2505.06653: BOF4-S of blocks of 32, 64 and 128, and BOF4 of 64, by MSE. */
const published: readonly (readonly [CodeTableName, number, readonly number[]])[] = [
  [
    'bof4-s',
    32,
    [
      ...[-0.8732797503, -0.6907446384, -0.5437039137, -0.4173701704, -0.3038933575, -0.1986017823],
      ...[-0.098155722, 0, 0.0925938413, 0.1870480031, 0.2855197489, 0.3907126188, 0.506283164],
      ...[0.6379748583, 0.7956376672, 1],
    ],
  ],
  [
    'bof4-s',
    64,
    [
      ...[-0.8568463922, -0.6692874432, -0.5235266089, -0.4004882574, -0.2910638154, -0.1900092959],
      ...[-0.0938529596, 0, 0.0887671709, 0.1794802696, 0.2743096054, 0.3760197461, 0.4886530042],
      ...[0.618860364, 0.7791395783, 1],
    ],
  ],
  [
    'bof4-s',
    128,
    [
      ...[-0.8373917341, -0.6462452412, -0.5028634667, -0.3836247623, -0.2783779502, -0.1815713942],
      ...[-0.0896477327, 0, 0.0850915611, 0.1720834821, 0.2632072866, 0.3613293171, 0.4707452655],
      ...[0.5988966823, 0.7610279918, 1],
    ],
  ],
  [
    'bof4',
    64,
    [
      ...[-1, -0.7535689204, -0.5792681493, -0.4386720084, -0.316819104, -0.206029111, -0.1015640796, 0],
      ...[0.0887646749, 0.1794535267, 0.2742497738, 0.3759510293, 0.4885925268, 0.6187715546, 0.7790828368],
      1,
    ],
  ],
]

/** Largest difference of two tables. */
function difference(one: ArrayLike<number>, other: readonly number[]): number {
  return Math.max(...other.map((level, code) => Math.abs(level - one[code])))
}

describe('tables of codes', () => {
  it.each(published)(
    '%s in blocks of %i are those of the paper, to what its samples allow',
    (name, length, levels) => {
      expect(difference(codeTable(name, length), levels)).toBeLessThan(3e-4)
    },
  )

  it.each(tableBlockLengths)('lose least of normal weights in blocks of %i', (length) => {
    expect(difference(codeTable('bof4', length), optimalTable(length, [-1, 0, 1]))).toBeLessThan(1e-6)
    expect(difference(codeTable('bof4-s', length), optimalTable(length, [0, 1]))).toBeLessThan(1e-6)
  })

  it.each(codeTableNames)('%s ascend, and have 0 and 1', (name) => {
    for (const length of tableBlockLengths) {
      const levels = [...codeTable(name, length)]
      expect(levels).toHaveLength(16)
      expect(levels.toSorted((one, other) => one - other)).toEqual(levels)
      expect([levels[7], levels[15]]).toEqual([0, 1])
    }
  })
})

const count = 2 ** 20
const normals = new Float64Array(count)
fillNormals(normals, 3, 'weights')
const weights = Float32Array.from(normals)

/** Mean squared error of `weights` in blocks of 64 of a grid by itself. */
function gridError(levels: Levels, scaleOf: (furthest: number) => number): number {
  const codes = new Uint8Array(64)
  let sum = 0
  for (let start = 0; start < count; start += 64) {
    const block = weights.subarray(start, start + 64)
    const furthest = block.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)
    const scale = scaleOf(furthest)
    levels.encode(block, 1 / scale, codes)
    block.forEach((value, i) => (sum += (value - scale * levels.values[codes[i]]) ** 2))
  }
  return sum / count
}

function tableError(name: CodeTableName, blockLength: 16 | 32 | 64 | 128): number {
  const quantizer = tableQuantizer(name, blockLength)
  const { bytes } = quantizeRows('w', [1, count], (_, target) => target.set(weights), quantizer)
  const values = new Float32Array(count)
  dequantizeBlocks(tableBlockType(quantizer), bytes, values)
  return values.reduce((sum, value, i) => sum + (value - weights[i]) ** 2, 0) / count
}

describe('errors of normal weights', () => {
  // The mean of a million squared errors is known to 1.5e-5; the figures are rounded to 5e-6.
  it.each([
    ['nf4', 8.46e-3],
    ['bof4', 7.99e-3],
    ['bof4-s', 7.35e-3],
  ] as const)('of %s in blocks of 64', (name, expected) => {
    expect(Math.abs(tableError(name, 64) - expected)).toBeLessThan(4e-5)
  })

  it('of even grids in blocks of 64 are larger', () => {
    const whole = evenLevels(-8, 7)
    const symmetric = gridError(whole, (furthest) => Math.abs(furthest) / 7.5)
    const signed = gridError(whole, (furthest) => furthest / -8)
    expect(Math.abs(symmetric - 10.56e-3)).toBeLessThan(6e-5)
    expect(Math.abs(signed - 9.01e-3)).toBeLessThan(6e-5)
  })

  it('fall with the block, and in each block from NF4 over BOF4 to BOF4-S', () => {
    const errors = tableBlockLengths.map((length) => codeTableNames.map((name) => tableError(name, length)))
    for (const [nf4, bof4, signed] of errors) {
      expect(bof4).toBeLessThan(nf4)
      expect(signed).toBeLessThan(bof4)
    }
    expect(errors.map(([, , signed]) => signed)).toEqual(
      errors.map(([, , signed]) => signed).toSorted((one, other) => one - other),
    )
  })
})

describe('blocks of a table', () => {
  const quantize = (values: readonly number[], name: CodeTableName): number[] => {
    const quantizer = tableQuantizer(name, 16)
    const { bytes } = quantizeRows('w', [1, 16], (_, target) => target.set(values), quantizer)
    const stored = new Float32Array(16)
    dequantizeBlocks(tableBlockType(quantizer), bytes, stored)
    // The zeros of a negative scale are negative.
    return [...stored].map((value) => value + 0)
  }

  it('keep zeros, and the furthest value whatever its sign where the table has it', () => {
    const zeros = new Array<number>(16).fill(0)
    const furthestBelow = [-2, 1, ...zeros.slice(2)]
    for (const name of codeTableNames) {
      expect(quantize(zeros, name)).toEqual(zeros)
      expect(quantize(furthestBelow, name)[0]).toBe(-2)
      expect(quantize(furthestBelow, name).slice(2)).toEqual(zeros.slice(2))
    }
  })

  it('keep what is a scaled level', () => {
    for (const name of codeTableNames) {
      const values = [...codeTable(name, 16)].map((level) => Math.fround(level * 0.5))
      expect(quantize(values, name)).toEqual(values)
    }
  })
})

describe('outliers', () => {
  it('begin where the largest of a block of normal weights is in 19 of 20 blocks', () => {
    for (const length of [16, 64] as const) {
      const threshold = outlierThreshold(length, 0.95)
      const blocks = count / length
      let within = 0
      for (let block = 0; block < blocks; block++) {
        const magnitudes = weights.subarray(block * length, (block + 1) * length).map(Math.abs)
        if (magnitudes.every((magnitude) => magnitude < threshold)) within++
      }
      // Four standard errors of a share of 0.95.
      expect(Math.abs(within / blocks - 0.95)).toBeLessThan(4 * Math.sqrt((0.95 * 0.05) / blocks))
    }
  })

  it('become 0 in their row and are kept as bfloat16', () => {
    const row = new Float32Array(32).map((_, i) => (i % 2 === 0 ? 0.1 : -0.1))
    row[3] = -4.01
    row[20] = 0.503
    const kept: [number, number][] = []
    takeOutliers(row, 16, outlierThreshold(16, 0.95), (column, value) => kept.push([column, value]))
    expect(kept).toEqual([
      [3, -4],
      [20, 0.50390625],
    ])
    expect([row[3], row[20], row[4]]).toEqual([0, 0, Math.fround(0.1)])
  })

  it('are counted as they are taken, and lessen the error of heavy tails', () => {
    const heavy = weights.subarray(0, 2 ** 16).map((value, i) => (i % 97 === 0 ? 12 * value : value))
    const shape = [16, 4096] as const
    const read = (row: number, target: Float32Array): void =>
      target.set(heavy.subarray(row * 4096, (row + 1) * 4096))
    const opq = tableQuantizer('bof4-s-opq', 64)
    const { bytes, outliers } = quantizeRows('w', shape, read, opq)
    expect(outliers?.positions).toHaveLength(countOutliers(shape, read, opq))
    const errorOf = (stored: Uint8Array, kept = outliers): number => {
      const values = new Float32Array(heavy.length)
      dequantizeBlocks('BOF4-S_64', stored, values)
      kept?.positions.forEach((position, i) => (values[position] = kept.values[i]))
      return values.reduce((sum, value, i) => sum + (value - heavy[i]) ** 2, 0) / heavy.length
    }
    const without = errorOf(quantizeRows('w', shape, read, tableQuantizer('bof4-s', 64)).bytes, null)
    expect(errorOf(bytes)).toBeLessThan(0.7 * without)
  })
})
