import { join } from 'node:path'
import { createTokenizer } from '../../core/data/tokenizer/create-tokenizer.js'
import type { Tokenizer } from '../../core/data/tokenizer/tokenizer.js'
import { loadModel, type LoadedModel } from '../../core/engine/loaded-model.js'
import { openByteSource } from '../../core/formats/byte-source.js'
import type { GgufValue } from '../../core/formats/gguf/gguf-file.js'
import { readGguf } from '../../core/formats/gguf/read-gguf.js'
import { temporaryFolder } from './temporary-folder.js'
import { writeTinyGguf, type TinyModel } from './tiny-gguf.js'

/** A model file's weights, tokenizer and metadata. */
export interface ModelParts {
  readonly model: LoadedModel
  readonly tokenizer: Tokenizer
  readonly metadata: ReadonlyMap<string, GgufValue>
}

export function openParts(path: string): ModelParts {
  const source = openByteSource(path)
  const { metadata } = readGguf(source)
  source.close()
  return { model: loadModel(path), tokenizer: createTokenizer(metadata, path), metadata }
}

/** A random model, written to a file that goes away with the test and opened from there. */
export function openTiny(options: Partial<TinyModel> = {}): ModelParts {
  const path = join(temporaryFolder(), 'tiny.gguf')
  writeTinyGguf(path, options)
  return openParts(path)
}
