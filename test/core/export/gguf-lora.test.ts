import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportGgufLora } from '../../../core/export/gguf-lora.js'
import { openByteSource } from '../../../core/formats/byte-source.js'
import { readGguf } from '../../../core/formats/gguf/read-gguf.js'
import type { LoadedModel } from '../../../core/engine/loaded-model.js'
import { createPart } from '../../../core/parameters/create-part.js'
import { PartSet } from '../../../core/parameters/part-set.js'
import type { TrainedPartSettings } from '../../../core/schema/trained-part.js'
import { caughtError } from '../../support/caught-error.js'
import { moveRandomly } from '../../support/differentiated-parts.js'
import { openTiny } from '../../support/open-tiny.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const branches: TrainedPartSettings = {
  kind: 'low-rank',
  rank: 4,
  alpha: 6,
  isRankStabilized: false,
  linears: ['attn_q', 'ffn_down'],
  seed: 4,
}

function trained(model: LoadedModel, ...parts: readonly TrainedPartSettings[]): PartSet {
  const layers = { firstLayer: 1, endLayer: 2 }
  const parameters = new PartSet(parts.map((part) => createPart(part, model, layers)))
  moveRandomly(parameters, 0.2)
  return parameters
}

/** The branch that llama.cpp makes of a file: (alpha / rank) · lora_b · lora_a, row by row. */
function branchInFile(path: string, name: string, rank: number): number[] {
  const source = openByteSource(path)
  const { tensors, metadata } = readGguf(source)
  const values = (suffix: string): Float32Array => {
    const tensor = tensors.get(`${name}.${suffix}`)
    const bytes = source.read(tensor?.offset ?? 0, tensor?.byteLength ?? 0)
    return new Float32Array(bytes.slice().buffer)
  }
  const alpha = Number(metadata.get('adapter.lora.alpha')?.value)
  const product = productOf(values('lora_b'), values('lora_a'), rank, alpha / rank)
  source.close()
  return product
}

function productOf(up: Float32Array, down: Float32Array, rank: number, scale: number): number[] {
  const columns = down.length / rank
  return Array.from({ length: (up.length / rank) * columns }, (_, index) => {
    const row = Math.floor(index / columns)
    let sum = 0
    for (let part = 0; part < rank; part++) {
      sum += up[row * rank + part] * down[part * columns + (index % columns)]
    }
    return scale * sum
  })
}

describe('a LoRA file', () => {
  it.each([false, true])('holds the branches that were trained (rank stabilised: %s)', (isRankStabilized) => {
    const { model } = openTiny()
    const changes = trained(model, { ...branches, isRankStabilized })
    const target = join(temporaryFolder(), 'trained.lora.gguf')
    const written = exportGgufLora({ model: model.description, changes, target })
    expect(written).toMatchObject({ path: target, trainedTensorCount: 4 })
    expect(written.byteLength).toBe(readFileSync(target).length)
    for (const linear of ['attn_q', 'ffn_down'] as const) {
      const branch = changes.branch(1, linear)
      if (branch === null) throw new Error('there is a branch')
      const expected = productOf(branch.up, branch.down, branch.rank, branch.scale)
      const found = branchInFile(target, `blk.1.${linear}.weight`, branch.rank)
      expect(Math.max(...found.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-6)
    }
  })

  it('says which architecture it is for, and lists matrices as llama.cpp expects them', () => {
    const { model } = openTiny()
    const target = join(temporaryFolder(), 'trained.lora.gguf')
    exportGgufLora({ model: model.description, changes: trained(model, branches), target })
    const source = openByteSource(target)
    const { metadata, tensors } = readGguf(source)
    source.close()
    const text = Object.fromEntries([...metadata].map(([key, { value }]) => [key, value]))
    expect(text).toMatchObject({
      'general.type': 'adapter',
      'adapter.type': 'lora',
      'general.architecture': model.description.architecture,
    })
    const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))
    expect(shapes).toEqual({
      'blk.1.attn_q.weight.lora_a': [4, 64],
      'blk.1.attn_q.weight.lora_b': [64, 4],
      'blk.1.ffn_down.weight.lora_a': [4, 96],
      'blk.1.ffn_down.weight.lora_b': [64, 4],
    })
  })

  it.each<[string, readonly TrainedPartSettings[], RegExp]>([
    ['no branches at all', [{ kind: 'norms' }], /own tensors/],
    ['row factors beside them', [branches, { kind: 'factors', hasColumns: false }], /own tensors/],
    ['norms beside them', [branches, { kind: 'norms' }], /own tensors/],
    ['biases beside them', [branches, { kind: 'biases' }], /own tensors/],
    ['zero points beside them', [branches, { kind: 'zero-points' }], /own tensors/],
  ])('is refused where training left %s', (_, parts, reason) => {
    const { model } = openTiny({ biases: ['attn_v'] })
    const target = join(temporaryFolder(), 'none.lora.gguf')
    const request = { model: model.description, changes: trained(model, ...parts), target }
    const error = caughtError(() => exportGgufLora(request))
    expect(error.code).toBe('request-invalid')
    expect(error.message).toMatch(reason)
    expect(existsSync(target)).toBe(false)
  })

  it('is refused where nothing was trained', () => {
    const { model } = openTiny()
    const target = join(temporaryFolder(), 'none.lora.gguf')
    const error = caughtError(() => exportGgufLora({ model: model.description, changes: {}, target }))
    expect(error.message).toMatch(/no low-rank branches/)
  })

  it('is not written over a file', () => {
    const { model } = openTiny()
    const target = join(temporaryFolder(), 'mine.lora.gguf')
    writeFileSync(target, 'mine')
    const request = { model: model.description, changes: trained(model, branches), target }
    expect(caughtError(() => exportGgufLora(request)).code).toBe('file-exists')
    expect(readFileSync(target, 'utf8')).toBe('mine')
  })
})

it('refuses files that hold several linears in one tensor', () => {
  const { model } = openTiny()
  const phi3 = { ...model.description, architecture: 'phi3' }
  const target = join(temporaryFolder(), 'lora.gguf')
  const error = caughtError(() => exportGgufLora({ model: phi3, changes: {}, target }))
  expect(error.code).toBe('request-invalid')
  expect(error.message).toMatch('hold several linears in one tensor (attn_qkv)')
})
