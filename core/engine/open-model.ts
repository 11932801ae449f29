import { createChatTemplate, type ChatTemplate } from '../data/chat-template.js'
import { createTokenizer } from '../data/tokenizer/create-tokenizer.js'
import type { Tokenizer } from '../data/tokenizer/tokenizer.js'
import { hashModel } from '../model/hash.js'
import { openModelFile } from '../model/open-model-file.js'
import type { KnownHashes } from '../model/known-hashes.js'
import { readModel, type LoadedModel } from './loaded-model.js'

/** A model file with everything that is needed to run it. */
export interface OpenModel {
  readonly model: LoadedModel
  readonly tokenizer: Tokenizer
  /** Null where the file has no chat template. */
  readonly chat: ChatTemplate | null
  /** Identity of the base model: hash of the whole file. */
  readonly sha256: string
  readonly byteLength: number
}

/**
 * Opens a model: its weights, its tokenizer and its template.
 *
 * @param date what the chat template may show as the current date
 * @param hashes spare reading a large file whole where its hash is known; it was checked whole when it was hashed
 * @throws EngineError 'file-unreadable', 'model-malformed', 'model-unsupported', 'template-invalid'
 */
export function openModel(path: string, date: Date, hashes: KnownHashes | null = null): OpenModel {
  const { source, file } = openModelFile(path)
  try {
    const known = hashes?.find(source) ?? null
    const model = readModel(source, file, { checksTables: known === null })
    const tokenizer = createTokenizer(file.metadata, path)
    const sha256 = known ?? hashModel(source)
    if (known === null) hashes?.keep(source, sha256)
    const hasTemplate = file.metadata.has('tokenizer.chat_template')
    return {
      model,
      tokenizer,
      chat: hasTemplate ? createChatTemplate(file.metadata, tokenizer, date) : null,
      sha256,
      byteLength: source.byteLength,
    }
  } catch (thrown) {
    source.close()
    throw thrown
  }
}
