import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openModelFolder } from '../../../core/model/hugging-face/open-model-folder.js'
import { openModelFile } from '../../../core/model/open-model-file.js'
import { readRows } from '../../../core/quantization/read-rows.js'
import { runCommand } from '../../support/command-line.js'
import { packedModel, writePackedFolder } from '../../support/packed-models.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

const tensorName = 'blk.1.ffn_down.weight'

/** Rows of a tensor, and its type, in a model at `path`. */
function rowsAt(path: string): { readonly type: string; readonly values: Float32Array } {
  const { source, file } = openModelFile(path)
  try {
    const tensor = file.tensors.get(tensorName)
    if (tensor === undefined) throw new Error(`no ${tensorName}`)
    const [rows, columns] = tensor.shape
    const read = readRows(source, tensor)
    const values = new Float32Array(rows * columns)
    for (let row = 0; row < rows; row++) read(row, values.subarray(row * columns, (row + 1) * columns))
    return { type: tensor.type, values }
  } finally {
    source.close()
  }
}

describe.each([
  ['gptq-symmetric-32', 'Q4_0'],
  ['gptq-act-order-32', 'F16'],
  ['awq-64', 'Q5_0'],
])('a packed folder, %s:', (name, type) => {
  it('is inspected, and is a GGUF file of the same values', async () => {
    const folder = join(temporaryFolder(), 'packed')
    writePackedFolder(packedModel(name), folder)
    const [summary] = (await runCommand('inspect', folder, '--json')).json() as [
      {
        canTrain: boolean
        tensorTypes: readonly { type: string }[]
        packing: { roundedTensorCount: number }
      },
    ]
    expect(summary.canTrain).toBe(true)
    expect(summary.tensorTypes[0].type).toBe(type)
    const isRounded = type === 'F16'
    expect(summary.packing.roundedTensorCount).toBe(isRounded ? 14 : 0)
    const card = await runCommand('inspect', folder)
    expect(card.output).toContain(isRounded ? '14 matrices have groups' : 'which hold the same values')
    const out = join(temporaryFolder(), 'converted.gguf')
    const converted = await runCommand('convert', folder, '--type', 'f16', '--out', out)
    expect(converted).toMatchObject({ status: 0, errors: '' })
    const { source } = openModelFolder(folder)
    source.close()
    const [found, expected] = [rowsAt(out).values, rowsAt(folder).values]
    const isOff = (value: number, at: number): boolean =>
      Math.abs(value - expected[at]) > 2 ** -11 * Math.abs(expected[at])
    expect(found.findIndex(isOff)).toBe(-1)
  })

  it.each(['exact-rows', 'qzo-rows'])('is trained by %s, scored, and written back', async (recipe) => {
    const folder = temporaryFolder()
    const files = writeTinyFiles(folder)
    const model = join(folder, 'packed')
    writePackedFolder(packedModel(name), model)
    const out = join(folder, 'run')
    const choices = ['--recipe', recipe, '--steps', '3', '--batch', '4', '--eval-every', '3']
    const trained = await runCommand('train', model, ...files.data, ...files.task, ...choices, '--out', out)
    expect(trained).toMatchObject({ status: 0, errors: '' })
    const base = rowsAt(model)
    for (const [format, target, loaded] of [
      ['gguf', 'trained.gguf', type],
      ['safetensors', 'trained', 'F16'],
    ] as const) {
      const path = join(folder, target)
      const written = await runCommand('export', out, '--format', format, '--out', path)
      expect(written).toMatchObject({ status: 0, errors: '' })
      expect(written.output).toContain('every tensor is as it was written')
      expect(rowsAt(path).type).toBe(loaded)
      expect(rowsAt(path).values).toHaveLength(base.values.length)
      const scored = await runCommand('eval', path, '--data', files.dev, ...files.task)
      expect(scored).toMatchObject({ status: 0, errors: '' })
    }
    const adapter = join(folder, 'run.adapter')
    expect(await runCommand('export', out, '--format', 'adapter', '--out', adapter)).toMatchObject({
      status: 0,
    })
    const applied = join(folder, 'applied.gguf')
    expect(await runCommand('apply', adapter, model, '--out', applied)).toMatchObject({
      status: 0,
      errors: '',
    })
    expect(rowsAt(applied)).toEqual(rowsAt(join(folder, 'trained.gguf')))
  })
})
