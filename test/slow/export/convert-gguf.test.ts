import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { noChanges, type ModelChanges } from '../../../core/engine/model-changes.js'
import { convertGguf, planConversion } from '../../../core/export/convert-gguf.js'
import type { GgufType } from '../../../core/schema/gguf-type.js'
import { openByteSource, type ByteSource } from '../../../core/formats/byte-source.js'
import type { GgufFile, GgufTensor } from '../../../core/formats/gguf/gguf-file.js'
import { readGguf } from '../../../core/formats/gguf/read-gguf.js'
import { readRows } from '../../../core/quantization/read-rows.js'
import { caughtError } from '../../support/caught-error.js'
import { equalFactors } from '../../support/random-factors.js'
import { openParts } from '../../support/open-tiny.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyGguf, type TinyModel } from '../../support/tiny-gguf.js'

interface Converted {
  readonly base: { readonly source: ByteSource; readonly file: GgufFile }
  readonly made: { readonly source: ByteSource; readonly file: GgufFile }
  readonly plannedBytes: number
}

const layerCount = 1
const wide = { width: 256, heads: 16, feedForward: 256, layers: 1 }

function convert(
  type: GgufType,
  options: Partial<TinyModel> = {},
  changesOf: (path: string) => ModelChanges = () => noChanges,
): Converted {
  const folder = temporaryFolder()
  const [path, target] = [join(folder, 'base.gguf'), join(folder, 'made.gguf')]
  writeTinyGguf(path, { ...wide, type: 'F16', embeddingType: 'F16', ...options })
  const base = open(path)
  const conversion = { ...base, layerCount, type, changes: changesOf(path) }
  const { byteLength } = planConversion(conversion)
  expect(convertGguf(conversion, target).byteLength).toBe(byteLength)
  return { base, made: open(target), plannedBytes: byteLength }
}

function open(path: string): { source: ByteSource; file: GgufFile } {
  const source = openByteSource(path)
  return { source, file: readGguf(source) }
}

function valuesOf(source: ByteSource, tensor: GgufTensor | undefined): Float32Array {
  if (tensor === undefined) throw new Error('no such tensor')
  const [rows, columns] = tensor.shape
  const read = readRows(source, tensor)
  const values = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) read(row, values.subarray(row * columns, (row + 1) * columns))
  return values
}

/** √(Σ (value − expected)² / Σ expected²). */
function relativeError(values: Float32Array, expected: Float32Array): number {
  const sum = (list: Float32Array): number => list.reduce((total, value) => total + value ** 2, 0)
  return Math.sqrt(sum(values.map((value, index) => value - expected[index])) / sum(expected))
}

/** Of uniform numbers. */
const errors: Readonly<Record<GgufType, number>> = {
  q4_0: 0.072,
  q4_1: 0.066,
  q5_0: 0.036,
  q5_1: 0.032,
  q8_0: 0.0045,
  q2_k: 0.36,
  q3_k: 0.17,
  q4_k: 0.066,
  q5_k: 0.032,
  q6_k: 0.018,
  f16: 0,
}

describe.each(Object.keys(errors) as GgufType[])('a model of halves written as %s', (type) => {
  it('has the size that was said, the same tensors, and values near the old ones', () => {
    const { base, made, plannedBytes } = convert(type)
    expect(made.source.byteLength).toBe(plannedBytes)
    expect([...made.file.tensors.keys()]).toEqual([...base.file.tensors.keys()])
    for (const [name, tensor] of base.file.tensors) {
      const found = made.file.tensors.get(name)
      expect(found?.shape).toEqual(tensor.shape)
      if (tensor.shape.length !== 2) continue
      const error = relativeError(valuesOf(made.source, found), valuesOf(base.source, tensor))
      expect(error).toBeLessThanOrEqual(errors[type])
    }
    expect(openParts(made.file.path).model.description.layerCount).toBe(layerCount)
  })
})

it('mixes types as llama.cpp does, and stands in for blocks that do not fit', () => {
  const types = (file: GgufFile, name: string): string | undefined => file.tensors.get(name)?.type
  const { made } = convert('q4_k')
  expect(types(made.file, 'blk.0.attn_q.weight')).toBe('Q4_K')
  expect(types(made.file, 'blk.0.ffn_down.weight')).toBe('Q6_K')
  expect(types(made.file, 'token_embd.weight')).toBe('Q6_K')
  expect(types(made.file, 'output_norm.weight')).toBe('F32')
  expect(made.file.metadata.get('general.file_type')?.value).toBe(15)
  const narrow = convert('q4_k', { width: 64, heads: 4, feedForward: 96 }).made
  expect(types(narrow.file, 'blk.0.attn_q.weight')).toBe('Q5_0')
  expect(types(narrow.file, 'token_embd.weight')).toBe('Q8_0')
})

it('copies tensors whose type stays, to the bit', () => {
  const { base, made } = convert('q8_0', { type: 'Q8_0' })
  const name = 'blk.0.ffn_up.weight'
  const [before, after] = [base.file.tensors.get(name), made.file.tensors.get(name)]
  expect(after?.type).toBe('Q8_0')
  expect(made.source.read(after?.offset ?? 0, after?.byteLength ?? 0)).toEqual(
    base.source.read(before?.offset ?? 0, before?.byteLength ?? 0),
  )
})

it('writes what training made of a model', () => {
  const { base, made } = convert('f16', { type: 'Q4_1' }, (path) => ({
    scaleFactors: equalFactors(openParts(path).model.description, 2),
    vector: (layer, name) => (layer === 0 && name === 'attn_norm' ? new Float32Array(256).fill(3) : null),
  }))
  const name = 'blk.0.attn_k.weight'
  const doubled = valuesOf(base.source, base.file.tensors.get(name)).map((value) => 2 * value)
  expect(relativeError(valuesOf(made.source, made.file.tensors.get(name)), doubled)).toBeLessThan(5e-4)
  expect(openParts(made.file.path).model.blocks[0].vectors.get('attn_norm')?.[7]).toBe(3)
})

it('writes over nothing', () => {
  const { base, made } = convert('q8_0')
  const before = readFileSync(made.file.path)
  const conversion = { ...base, layerCount, type: 'q4_0' as const, changes: noChanges }
  expect(caughtError(() => convertGguf(conversion, made.file.path)).code).toBe('file-exists')
  expect(readFileSync(made.file.path).equals(before)).toBe(true)
})
