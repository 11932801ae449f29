import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openByteSource, type ByteSource } from '../../../core/formats/byte-source.js'
import type { GgufFile, GgufTensor } from '../../../core/formats/gguf/gguf-file.js'
import { readGguf } from '../../../core/formats/gguf/read-gguf.js'
import { writeGguf } from '../../../core/formats/gguf/write-gguf.js'
import { describeModel } from '../../../core/model/describe-model.js'
import { hashModel } from '../../../core/model/hash.js'
import { summarizeModel } from '../../../core/model/summary.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import { readMatrix } from '../../../core/quantization/read-matrix.js'
import { scaleTensorBytes } from '../../../core/quantization/scale-tensor-bytes.js'
import { hasShared, sharedPath } from '../../support/shared-files.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const model = 'models/SmolLM2-135M-Instruct.Q4_1.gguf'

/** Half float at `position`, by the definition; the model has no subnormal or special ones but zero. */
function half(bytes: Buffer, position: number): number {
  const bits = bytes.readUInt16LE(position)
  const exponent = (bits >> 10) & 31
  const magnitude =
    exponent === 0 ? (bits & 1023) * 2 ** -24 : (1 + (bits & 1023) / 1024) * 2 ** (exponent - 15)
  return bits & 0x8000 ? -magnitude : magnitude
}

/** Value `column` of a row, straight from the bytes of the row. */
const formulas: Readonly<Record<string, (row: Buffer, column: number) => number>> = {
  Q4_1: (row, column) => {
    const block = Math.floor(column / 32) * 20
    const byte = row[block + 4 + (column % 16)]
    const code = column % 32 < 16 ? byte & 15 : byte >> 4
    return half(row, block) * code + half(row, block + 2)
  },
  Q8_0: (row, column) => {
    const block = Math.floor(column / 32) * 34
    return half(row, block) * row.readInt8(block + 2 + (column % 32))
  },
}

describe.skipIf(!hasShared(model))(`SmolLM2 (needs ${model} in the shared folder)`, () => {
  let source: ByteSource
  let file: GgufFile
  beforeAll(() => {
    source = openByteSource(sharedPath(model))
    file = readGguf(source)
  })
  afterAll(() => source.close())

  const matrices = (): GgufTensor[] => [...file.tensors.values()].filter(({ shape }) => shape.length === 2)

  it('is described as its authors say', () => {
    expect(describeModel(file, source)).toMatchObject({
      architecture: 'llama',
      layerCount: 30,
      width: 576,
      headCount: 9,
      kvHeadCount: 3,
      headWidth: 64,
      feedForwardWidth: 1536,
      vocabularySize: 49_152,
      contextLength: 8192,
      rope: { base: 100_000, dimensions: 64, positionScale: 1, frequencyFactors: null },
      isOutputTied: true,
      biases: [],
    })
    expect(summarizeModel(file, source)).toMatchObject({ parameterCount: 134_515_008, canTrain: true })
  })

  it('has the values of the formulas in every 97th row of every matrix', () => {
    let worst = 0
    for (const tensor of matrices()) {
      const matrix = readMatrix(source, tensor)
      const rowBytes = tensor.byteLength / matrix.rows
      const values = new Float32Array(matrix.columns)
      for (let row = 0; row < matrix.rows; row += 97) {
        dequantizeRow(matrix, row, values, 0)
        const bytes = Buffer.from(source.read(tensor.offset + row * rowBytes, rowBytes))
        values.forEach((value, column) => {
          const expected = formulas[tensor.type](bytes, column)
          worst = Math.max(worst, Math.abs(value - expected) / Math.max(1, Math.abs(expected)))
        })
      }
    }
    // Float32 rounds −m / d and the product once each.
    expect(worst).toBeLessThan(1e-6)
  })

  it('is written back to the same bytes', () => {
    const path = join(temporaryFolder(), 'copy.gguf')
    writeGguf(path, file, (tensor) => source.read(tensor.offset, tensor.byteLength), { overwrite: false })
    expect(Buffer.compare(readFileSync(path), readFileSync(sharedPath(model)))).toBe(0)
  })

  it('keeps every byte but the scales when it is written with factors', () => {
    const path = join(temporaryFolder(), 'scaled.gguf')
    const changed = 'blk.7.ffn_up.weight'
    const tensorBytes = (tensor: GgufTensor): Uint8Array => {
      const bytes = source.read(tensor.offset, tensor.byteLength)
      if (tensor.name === changed) scaleTensorBytes(tensor, bytes, new Float64Array(tensor.shape[0]).fill(2))
      return bytes
    }
    writeGguf(path, file, tensorBytes, { overwrite: false })
    const copy = openByteSource(path)
    for (const tensor of readGguf(copy).tensors.values()) {
      const [before, after] = [source, copy].map((each) => each.read(tensor.offset, tensor.byteLength))
      if (tensor.name !== changed) expect(Buffer.compare(before, after)).toBe(0)
      else expect(after.every((byte, index) => index % 20 < 4 || byte === before[index])).toBe(true)
    }
    expect(hashModel(copy)).not.toBe(hashModel(source))
    copy.close()
  })
})
