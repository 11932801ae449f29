import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadModel } from '../../../core/engine/loaded-model.js'
import type { ReadableType } from '../../../core/formats/gguf/tensor-types.js'
import { linearNames } from '../../../core/model/description.js'
import { differentiate, factorTable } from '../../support/differentiated-model.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyGguf } from '../../support/tiny-gguf.js'

function openLayers(type: ReadableType = 'Q4_1') {
  const path = join(temporaryFolder(), 'tiny.gguf')
  writeTinyGguf(path, { type, layers: 4 })
  return { path, model: loadModel(path) }
}

describe('layers that are read each time', () => {
  it.each(['Q4_0', 'Q4_1', 'Q5_1', 'Q8_0', 'IQ4_NL', 'F16', 'F32'] as const)(
    'are those of the file (%s)',
    async (type) => {
      const { model } = openLayers(type)
      const expected = loadModel(model.path)
      model.layers.streamBelow(3)
      for (const [layer, next] of [0, 1, 2, 2, 1, 0, 2].map(
        (l, i, all) => [l, all[i + 1] ?? null] as const,
      )) {
        expect(await model.layers.read(layer, next)).toEqual(expected.blocks[layer].linears)
      }
      expect([0, 1, 2, 3].map((layer) => model.layers.isStreamed(layer))).toEqual([true, true, true, false])
    },
  )

  it('lie in one memory, whichever layer it is', async () => {
    const { model } = openLayers('Q4_1')
    model.layers.streamBelow(4)
    const codes = new Set<unknown>()
    for (const layer of [0, 1, 2, 3, 2, 1]) {
      const { attn_q: matrix } = await model.layers.read(layer, null)
      codes.add(matrix.kind === 'quantized' ? matrix.codes : null)
    }
    expect(codes.size).toBe(1)
  })

  it('are let go of where they were kept', () => {
    const { model } = openLayers()
    expect(Object.keys(model.blocks[0].linears)).toEqual([...linearNames])
    expect(model.blocks[0].stored.isKept()).toBe(true)
    model.layers.streamBelow(1)
    expect(model.blocks[0].stored.isKept()).toBe(false)
  })

  it('are let go of all at once, and kept again when they are next needed', () => {
    const { model } = openLayers()
    const before = model.blocks.map(({ linears }) => linears)
    model.layers.letGo()
    expect(model.blocks.some(({ stored }) => stored.isKept())).toBe(false)
    expect(model.blocks.map(({ linears }) => linears)).toEqual(before)
    expect(model.layers.isStreamed(0)).toBe(false)
  })

  it('refuse a file that was written to', async () => {
    const { path, model } = openLayers()
    model.layers.streamBelow(4)
    await model.layers.read(0, null)
    appendFileSync(path, 'x')
    await expect(model.layers.read(1, null)).rejects.toMatchObject({ code: 'file-unreadable' })
  })

  it.each([1, 3, 4])('give the same losses and gradients to the last bit (%i of 4)', async (count) => {
    const { path, model } = openLayers('Q4_0')
    const batch = [3, 8, 5].map((length, row) => ({
      kind: 'sequence' as const,
      tokens: Int32Array.from({ length }, (_, i) => (7 * i + row) % 60),
      scored: Uint8Array.from({ length }, (_, i) => (i > 0 ? 1 : 0)),
      line: row + 1,
    }))
    const table = factorTable(model.description, 1, 4)
    const of = (subject: typeof model) => differentiate(subject, { kind: 'text' }, { tokensPerRun: 8 })
    model.layers.streamBelow(count)
    const streamed = await of(model).gradient(batch, table)
    expect(streamed).toEqual(await of(loadModel(path)).gradient(batch, table))
  })
})
