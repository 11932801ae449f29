import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadModel } from '../../../core/engine/loaded-model.js'
import { noChanges } from '../../../core/engine/model-changes.js'
import { exportGguf } from '../../../core/export/gguf.js'
import { openByteSource } from '../../../core/formats/byte-source.js'
import { readGguf } from '../../../core/formats/gguf/read-gguf.js'
import { readableTypes, tensorType, type ReadableType } from '../../../core/formats/gguf/tensor-types.js'
import { linearNames } from '../../../core/model/description.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import type { Matrix } from '../../../core/quantization/matrix.js'
import { scaleMatrix } from '../../../core/quantization/scale-matrix.js'
import { caughtError } from '../../support/caught-error.js'
import { equalFactors, randomFactors } from '../../support/random-factors.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyGguf, type TinyModel } from '../../support/tiny-gguf.js'

function tinyFile(
  type: ReadableType = 'Q4_1',
  sizes: Partial<TinyModel> = {},
): { basePath: string; target: string } {
  const folder = temporaryFolder()
  const basePath = join(folder, 'base.gguf')
  writeTinyGguf(basePath, { type, ...sizes })
  return { basePath, target: join(folder, 'adapted.gguf') }
}

function valuesOf(matrix: Matrix): Float32Array {
  const values = new Float32Array(matrix.rows * matrix.columns)
  for (let row = 0; row < matrix.rows; row++) dequantizeRow(matrix, row, values, row * matrix.columns)
  return values
}

function largest(values: Float32Array): number {
  return values.reduce((maximum, value) => Math.max(maximum, Math.abs(value)), 0)
}

/** Half a spacing of the type that stores scales, or values. */
function roundingOf(type: ReadableType): number {
  if (type === 'F32') return 2 ** -24
  return type === 'BF16' ? 2 ** -8 : 2 ** -11
}

/** Types whose blocks have smaller blocks inside hold factors on rows, but not on blocks of 32 columns. */
const superTypes = readableTypes.filter((type) => tensorType(type)?.blockLength === 256)
const wide = { width: 256, heads: 16, feedForward: 256 }

/** A trained model of a type beside what its file should hold: the values of each linear. */
function exported(type: ReadableType, shape: 'rows' | 'blocks', sizes: Partial<TinyModel> = {}) {
  const { basePath, target } = tinyFile(type, sizes)
  const base = loadModel(basePath)
  const factorsOf = randomFactors(base.description, { seed: 5, spread: 0.05, shape })
  const report = exportGguf({ basePath, target, changes: { scaleFactors: factorsOf } })
  const adapted = loadModel(target)
  const linears = base.blocks.flatMap((block, layer) =>
    linearNames.map((name) => {
      const factors = factorsOf(layer, name) ?? { shape, values: Float64Array.of(1) }
      const expected = valuesOf(scaleMatrix(block.linears[name], factors))
      const found = valuesOf(adapted.blocks[layer].linears[name])
      const error = largest(found.map((value, index) => value - expected[index])) / largest(expected)
      return { base: block.linears[name], adapted: adapted.blocks[layer].linears[name], error }
    }),
  )
  return { report, linears }
}

describe.each(readableTypes.filter((type) => !superTypes.includes(type)))(
  'exporting a model of type %s',
  (type) => {
    it.each(['rows', 'blocks'] as const)('multiplies trained factors of %s into its linears', (shape) => {
      const { report, linears } = exported(type, shape)
      for (const { error } of linears) {
        // A value of Q4_1 or Q5_1 is a sum of two rounded numbers that may cancel.
        expect(error).toBeLessThanOrEqual(3 * roundingOf(type))
      }
      expect(report.trainedTensorCount).toBe(14)
      expect(report.largestRoundingError).toBeLessThanOrEqual(1.01 * roundingOf(type))
    })
  },
)

describe.each(superTypes)('exporting a model of type %s', (type) => {
  it('multiplies factors of rows into the half floats of its blocks, and keeps every code', () => {
    const { report, linears } = exported(type, 'rows', wide)
    for (const { base, adapted, error } of linears) {
      // Half floats of 1e-5 and less have a spacing of 2^-24.
      expect(error).toBeLessThanOrEqual(type.startsWith('IQ') || type === 'Q6_K' ? 6e-3 : 2e-3)
      if (base.kind === 'quantized' && adapted.kind === 'quantized') expect(adapted.codes).toEqual(base.codes)
    }
    expect(report.trainedTensorCount).toBe(14)
  })

  it('fits blocks anew to factors on columns', () => {
    const { linears } = exported(type, 'blocks', { ...wide, layers: 1 })
    const limit = type === 'Q2_K' || type === 'Q3_K' ? 0.3 : 0.08
    for (const { error } of linears) expect(error).toBeLessThanOrEqual(limit)
  })
})

describe('exporting a GGUF file', () => {
  it('leaves metadata, types, order and all other tensors as they are', () => {
    const { basePath, target } = tinyFile()
    const { description } = loadModel(basePath)
    const factorsOf = randomFactors(description, { seed: 6, spread: 0.05, shape: 'rows' })
    const { trainedTensorCount } = exportGguf({
      basePath,
      target,
      changes: {
        scaleFactors: (layer, linear) =>
          layer === 1 && linear === 'ffn_up' ? factorsOf(layer, linear) : null,
      },
    })
    const before = readFileSync(basePath)
    const after = readFileSync(target)
    const source = openByteSource(basePath)
    const trained = readGguf(source).tensors.get('blk.1.ffn_up.weight')
    source.close()
    expect(trainedTensorCount).toBe(1)
    const start = trained?.offset ?? 0
    const end = start + (trained?.byteLength ?? 0)
    expect(after.length).toBe(before.length)
    expect(after.subarray(0, start).equals(before.subarray(0, start))).toBe(true)
    expect(after.subarray(end).equals(before.subarray(end))).toBe(true)
    expect(after.subarray(start, end).equals(before.subarray(start, end))).toBe(false)
  })

  it('gives the base file itself where nothing is trained, with its hash', () => {
    const { basePath, target } = tinyFile()
    const report = exportGguf({ basePath, target, changes: noChanges })
    const bytes = readFileSync(target)
    expect(bytes.equals(readFileSync(basePath))).toBe(true)
    expect(report).toEqual({
      path: target,
      byteLength: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      trainedTensorCount: 0,
      keepsBase: true,
      largestRoundingError: 0,
    })
  })

  it('does not count factors of 1 as trained', () => {
    const { basePath, target } = tinyFile()
    const report = exportGguf({
      basePath,
      target,
      changes: { scaleFactors: equalFactors(loadModel(basePath).description, 1) },
    })
    expect(report.trainedTensorCount).toBe(0)
  })

  it('refuses to write over a file', () => {
    const { basePath, target } = tinyFile()
    writeFileSync(target, 'mine')
    const error = caughtError(() => exportGguf({ basePath, target, changes: noChanges }))
    expect(error.code).toBe('file-exists')
    expect(readFileSync(target, 'utf8')).toBe('mine')
  })

  it('refuses the base model as the target, also through a link', () => {
    const { basePath, target } = tinyFile()
    symlinkSync(basePath, target)
    for (const path of [basePath, target]) {
      const error = caughtError(() => exportGguf({ basePath, target: path, changes: noChanges }))
      expect(error.code).toBe('file-exists')
      expect(error.message).toContain('is the base model itself')
    }
  })

  it('says so where the folder is missing', () => {
    const { basePath, target } = tinyFile()
    const error = caughtError(() =>
      exportGguf({ basePath, target: join(dirname(target), 'none', 'a.gguf'), changes: noChanges }),
    )
    expect(error.code).toBe('file-unwritable')
  })

  it('leaves nothing behind where a scale leaves the range of its type', () => {
    const { basePath, target } = tinyFile()
    const folder = join(dirname(target), 'out')
    mkdirSync(folder)
    const error = caughtError(() =>
      exportGguf({
        basePath,
        target: join(folder, 'a.gguf'),
        changes: { scaleFactors: equalFactors(loadModel(basePath).description, 1e9) },
      }),
    )
    expect(error.code).toBe('value-unrepresentable')
    expect(readdirSync(folder)).toEqual([])
  })

  it('exports an exported model again', () => {
    const { basePath, target } = tinyFile()
    const copy = join(dirname(target), 'copy.gguf')
    copyFileSync(basePath, copy)
    const { description } = loadModel(basePath)
    exportGguf({ basePath: copy, target, changes: { scaleFactors: equalFactors(description, 2) } })
    const back = join(dirname(target), 'back.gguf')
    exportGguf({
      basePath: target,
      target: back,
      changes: { scaleFactors: equalFactors(description, 0.5) },
    })
    expect(readFileSync(back).equals(readFileSync(basePath))).toBe(true)
  })
})
