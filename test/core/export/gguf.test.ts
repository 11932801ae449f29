import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadModel } from '../../../core/engine/loaded-model.js'
import { noChanges } from '../../../core/engine/model-changes.js'
import { exportGguf } from '../../../core/export/gguf.js'
import { openByteSource } from '../../../core/formats/byte-source.js'
import { readGguf } from '../../../core/formats/gguf/read-gguf.js'
import { readableTypes, type ReadableType } from '../../../core/formats/gguf/tensor-types.js'
import { linearNames } from '../../../core/model/description.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import type { Matrix } from '../../../core/quantization/matrix.js'
import { scaleMatrix } from '../../../core/quantization/scale-matrix.js'
import { caughtError } from '../../support/caught-error.js'
import { equalFactors, randomFactors } from '../../support/random-factors.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyGguf } from '../../support/tiny-gguf.js'

function tinyFile(type: ReadableType = 'Q4_1'): { basePath: string; target: string } {
  const folder = temporaryFolder()
  const basePath = join(folder, 'base.gguf')
  writeTinyGguf(basePath, { type })
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
const roundings: Record<ReadableType, number> = {
  Q4_0: 2 ** -11,
  Q4_1: 2 ** -11,
  Q8_0: 2 ** -11,
  F16: 2 ** -11,
  BF16: 2 ** -8,
  F32: 2 ** -24,
}

describe.each(readableTypes)('exporting a model of type %s', (type) => {
  it.each(['rows', 'blocks'] as const)('multiplies trained factors of %s into its linears', (shape) => {
    const { basePath, target } = tinyFile(type)
    const base = loadModel(basePath)
    const factorsOf = randomFactors(base.description, { seed: 5, spread: 0.05, shape })
    const report = exportGguf({ basePath, target, changes: { scaleFactors: factorsOf } })
    const adapted = loadModel(target)
    for (const [layer, block] of base.blocks.entries()) {
      for (const name of linearNames) {
        const factors = factorsOf(layer, name) ?? { shape, values: Float64Array.of(1) }
        const expected = valuesOf(scaleMatrix(block.linears[name], factors))
        const found = valuesOf(adapted.blocks[layer].linears[name])
        const error = largest(found.map((value, index) => value - expected[index]))
        // A Q4_1 value is a sum of two rounded numbers that may cancel.
        expect(error).toBeLessThanOrEqual(3 * roundings[type] * largest(expected))
      }
    }
    expect(report.trainedTensorCount).toBe(14)
    expect(report.largestRoundingError).toBeLessThanOrEqual(1.01 * roundings[type])
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
