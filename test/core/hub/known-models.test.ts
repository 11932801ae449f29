import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listFetchedModels } from '../../../core/hub/fetched-models.js'
import { readKnownModels } from '../../../core/hub/known-models.js'
import { obviousOffer, offersOf } from '../../../core/hub/offered-files.js'
import { architectures } from '../../../core/model/architectures.js'
import { caughtError } from '../../support/caught-error.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

describe('the list of models to begin with', () => {
  const known = readKnownModels()

  it('names each once, smallest first, of architectures and types that this version reads', () => {
    expect(new Set(known.map(({ repository }) => repository)).size).toBe(known.length)
    const sizes = known.map(({ aboutBytes }) => aboutBytes ?? Infinity)
    expect(sizes).toEqual(sizes.toSorted((left, right) => left - right))
    for (const { file, architecture, aboutBytes } of known) {
      expect(architectures.has(architecture)).toBe(true)
      const files = [{ path: file, byteLength: aboutBytes ?? 0, sha256: null, gitOid: null }]
      const offer = obviousOffer(offersOf({ kind: 'model', files }))
      expect(offer).toMatchObject({ name: file, isReadable: true })
      expect(offer?.quantization).not.toBeNull()
    }
  })

  it('has sizes as the hub shows them: three digits', () => {
    for (const { aboutBytes } of known) expect(Number(aboutBytes?.toPrecision(3))).toBe(aboutBytes)
  })

  it.each([
    ['a name that leads elsewhere', { repository: '../../x' }],
    ['a file that leads elsewhere', { file: '../x.gguf' }],
    ['a field that it does not know', { note: 'x' }],
  ])('is refused with %s', (_, change) => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'resources'))
    const models = [{ ...known[0], ...change }]
    writeFileSync(join(folder, 'resources', 'models.json'), JSON.stringify({ version: 1, models }))
    expect(caughtError(() => readKnownModels(folder)).code).toBe('model-malformed')
  })
})

describe('models that were fetched', () => {
  it('are files, first parts and whole folders, but nothing on its way or of a data set', () => {
    const root = temporaryFolder()
    const write = (path: string): void => {
      mkdirSync(join(root, path, '..'), { recursive: true })
      writeFileSync(join(root, path), 'x')
    }
    for (const name of [
      'm.gguf',
      'half.gguf.part',
      'half.gguf.part.json',
      'q/s-00001-of-00002.gguf',
      'q/s-00002-of-00002.gguf',
    ])
      write(`someone/tiny/${name}`)
    for (const name of ['config.json', 'tokenizer.json', 'model.safetensors']) write(`other/folder/${name}`)
    for (const name of ['config.json', 'tokenizer.json', 'model.safetensors.part'])
      write(`other/half/${name}`)
    write('datasets/someone/rows.gguf')
    write('.downloads/x.gguf')
    expect(listFetchedModels(root).models.map(({ name }) => name)).toEqual([
      'other/folder',
      'someone/tiny/m.gguf',
      'someone/tiny/q/s-00001-of-00002.gguf',
    ])
  })
})
