import { appendFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadModel } from '../../../core/engine/loaded-model.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import { caughtError } from '../../support/caught-error.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyGguf } from '../../support/tiny-gguf.js'

const token = 7

function openTinyFile(type: 'Q4_0' | 'Q4_1' | 'Q8_0' | 'F16' | 'F32' = 'Q8_0') {
  const path = join(temporaryFolder(), 'tiny.gguf')
  writeTinyGguf(path, { embeddingType: type })
  return { path, model: loadModel(path) }
}

function rowOf(model: ReturnType<typeof loadModel>): Float32Array {
  const row = new Float32Array(model.description.width)
  model.embedding.readRow(token, row, 0)
  return row
}

describe('a table of tokens', () => {
  it.each(['Q4_0', 'Q4_1', 'Q8_0', 'F16', 'F32'] as const)(
    'reads a row of %s as the whole matrix has it',
    (type) => {
      const { model } = openTinyFile(type)
      const before = rowOf(model)
      const expected = new Float32Array(before.length)
      dequantizeRow(model.embedding.whole(), token, expected, 0)
      expect(before).toEqual(expected)
      expect(rowOf(model)).toEqual(expected)
      expect(expected.some((value) => value !== 0)).toBe(true)
      model.close()
    },
  )

  it('goes on with its own file when another takes its place', () => {
    const { path, model } = openTinyFile()
    const before = rowOf(model)
    const other = join(temporaryFolder(), 'other.gguf')
    writeTinyGguf(other, { seed: 99 })
    renameSync(other, path)
    expect(rowOf(model)).toEqual(before)
    model.close()
  })

  it('reads a row once, and another time from memory', () => {
    const { path, model } = openTinyFile()
    const before = rowOf(model)
    appendFileSync(path, 'x')
    expect(rowOf(model)).toEqual(before)
    model.close()
  })

  it('refuses to read a file that was written to', () => {
    const { path, model } = openTinyFile()
    appendFileSync(path, 'x')
    expect(caughtError(() => rowOf(model))).toMatchObject({ code: 'file-unreadable' })
    expect(caughtError(() => model.embedding.whole())).toMatchObject({ code: 'file-unreadable' })
    model.close()
  })

  it('keeps what was read whole after the model is closed', () => {
    const { path, model } = openTinyFile()
    model.embedding.whole()
    const before = rowOf(model)
    model.close()
    rmSync(path)
    expect(rowOf(model)).toEqual(before)
  })
})
