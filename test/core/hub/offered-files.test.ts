import { describe, expect, it } from 'vitest'
import { namedOffer, obviousOffer, offersOf } from '../../../core/hub/offered-files.js'
import type { RemoteFile } from '../../../core/hub/remote-file.js'

function offers(kind: 'model' | 'dataset', ...paths: readonly string[]) {
  const files = paths.map((path, index): RemoteFile => ({
    path,
    byteLength: 100 + index,
    sha256: null,
    gitOid: null,
  }))
  return offersOf({ kind, files })
}

describe('what a repository offers', () => {
  it('is each GGUF file with its quantization, but no parts of models that see', () => {
    const found = offers(
      'model',
      'm-Q4_K_M.gguf',
      'm.Q8_0.gguf',
      'm-IQ2_XXS.gguf',
      'm-f16.gguf',
      'mmproj-m-f16.gguf',
      'x.md',
    )
    expect(found.map(({ quantization, isReadable }) => [quantization, isReadable])).toEqual([
      ['Q4_K_M', true],
      ['Q8_0', true],
      ['IQ2_XXS', false],
      ['F16', true],
    ])
  })

  it('is a split file as one, where all its parts are there', () => {
    const [split, ...more] = offers(
      'model',
      'q/m-00001-of-00002.gguf',
      'q/m-00002-of-00002.gguf',
      'n-00001-of-00003.gguf',
    )
    expect(more).toEqual([])
    expect(split).toMatchObject({ name: 'q/m-00001-of-00002.gguf', byteLength: 201 })
    expect(split.files).toHaveLength(2)
  })

  it('is a folder of safetensors where it has all that is needed to open it', () => {
    const needed = [
      'config.json',
      'tokenizer.json',
      'quantize_config.json',
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
    ]
    const [folder] = offers('model', ...needed, 'pytorch_model.bin', 'consolidated.safetensors', 'README.md')
    expect(folder.name).toBe('safetensors')
    expect(folder.files.map(({ path }) => path)).toEqual(needed)
    expect(offers('model', 'config.json', 'model.safetensors')).toEqual([])
  })

  it('is the files of rows of a data set', () => {
    const names = offers(
      'dataset',
      'data/train.parquet',
      'rows.jsonl.zst',
      'dataset_infos.json',
      'load.py',
    ).map(({ name }) => name)
    expect(names).toEqual(['data/train.parquet', 'rows.jsonl.zst'])
  })
})

describe('the obvious choice', () => {
  it.each([
    [['m-Q2_K.gguf', 'm-Q4_K_M.gguf', 'm-Q4_0.gguf'], 'm-Q4_K_M.gguf'],
    [['m-Q4_0.gguf', 'm-Q8_0.gguf'], 'm-Q4_0.gguf'],
    [['only.gguf'], 'only.gguf'],
    [['a-Q4_K_M.gguf', 'b-Q4_K_M.gguf'], undefined],
    [['m-Q8_0.gguf', 'm-Q6_K.gguf'], undefined],
    [['only-IQ1_S.gguf', 'only-IQ2_XS.gguf'], undefined],
    [[], undefined],
  ])('of %j is %s', (paths, name) => {
    expect(obviousOffer(offers('model', ...paths))?.name).toBe(name)
  })

  it('is also made by a name: the file, or its quantization', () => {
    const found = offers('model', 'm-Q2_K.gguf', 'm-Q4_K_M.gguf', 'n-Q2_K.gguf')
    expect(namedOffer(found, 'q4_k_m')?.name).toBe('m-Q4_K_M.gguf')
    expect(namedOffer(found, 'n-Q2_K.gguf')?.name).toBe('n-Q2_K.gguf')
    expect(namedOffer(found, 'Q2_K')).toBeNull()
    expect(namedOffer(found, 'Q5_0')).toBeNull()
  })
})
