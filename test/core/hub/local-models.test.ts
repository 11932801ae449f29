import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listHuggingFaceModels } from '../../../core/hub/hugging-face-models.js'
import { listLmStudioModels } from '../../../core/hub/lm-studio-models.js'
import { listOllamaModels } from '../../../core/hub/ollama-models.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const digest = 'a'.repeat(64)

describe('models of Ollama', () => {
  const manifests = join('manifests', 'registry.ollama.ai', 'library')

  it('are listed by their manifests, with their blob', () => {
    const folder = temporaryFolder()
    write(folder, join(manifests, 'smollm2', '135m'), manifestOf(`sha256:${digest}`))
    write(folder, join('blobs', `sha256-${digest}`), 'GGUF')
    expect(listOllamaModels(folder)).toEqual({
      source: 'ollama',
      folder,
      isFound: true,
      skippedCount: 0,
      models: [
        {
          source: 'ollama',
          name: 'smollm2:135m',
          path: join(folder, 'blobs', `sha256-${digest}`),
          byteLength: 4,
        },
      ],
    })
  })

  it.each([
    ['a missing blob', manifestOf(`sha256:${'b'.repeat(64)}`)],
    ['a digest that leads elsewhere', manifestOf('sha256:../../../etc/passwd')],
    ['no model layer', '{"layers":[]}'],
    ['no JSON', 'torn'],
  ])('are left out and counted with %s', (_, manifest) => {
    const folder = temporaryFolder()
    write(folder, join(manifests, 'odd', 'latest'), manifest)
    write(folder, join('blobs', `sha256-${digest}`), 'GGUF')
    expect(listOllamaModels(folder)).toMatchObject({ models: [], skippedCount: 1 })
  })

  it('are none where there is no such folder', () => {
    expect(listOllamaModels(join(temporaryFolder(), 'none'))).toMatchObject({ isFound: false, models: [] })
  })
})

describe('models of LM Studio', () => {
  it('are the GGUF files of each repository, without image parts', () => {
    const folder = temporaryFolder()
    for (const name of ['model.gguf', 'mmproj-model.gguf', 'README.md']) {
      write(folder, join('someone', 'tiny', name), 'GGUF')
    }
    expect(listLmStudioModels(folder).models.map(({ name }) => name)).toEqual(['someone/tiny/model.gguf'])
  })
})

describe('models of the Hugging Face cache', () => {
  it('are the files of each snapshot, through their links', () => {
    const folder = temporaryFolder()
    write(folder, join('models--org--tiny', 'blobs', digest), 'GGUF!')
    const snapshot = join(folder, 'models--org--tiny', 'snapshots', 'abc')
    mkdirSync(snapshot, { recursive: true })
    symlinkSync(join('..', '..', 'blobs', digest), join(snapshot, 'tiny.gguf'))
    symlinkSync(join('..', '..', 'blobs', 'gone'), join(snapshot, 'gone.gguf'))
    expect(listHuggingFaceModels(folder)).toMatchObject({
      models: [{ name: 'org/tiny/tiny.gguf', byteLength: 5 }],
      skippedCount: 1,
    })
  })
})

function manifestOf(modelDigest: string): string {
  const mediaType = 'application/vnd.ollama.image.model'
  return JSON.stringify({
    layers: [
      { mediaType: 'text/plain', digest: 'x' },
      { mediaType, digest: modelDigest },
    ],
  })
}

function write(folder: string, name: string, content: string): void {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
