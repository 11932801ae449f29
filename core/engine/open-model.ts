import { createChatTemplate, type ChatTemplate } from '../data/chat-template.js'
import { createTokenizer } from '../data/tokenizer/create-tokenizer.js'
import type { Tokenizer } from '../data/tokenizer/tokenizer.js'
import { hashModel } from '../model/hash.js'
import { openModelFile } from '../model/open-model-file.js'
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
 * @throws EngineError 'file-unreadable', 'model-malformed', 'model-unsupported', 'template-invalid'
 */
export function openModel(path: string, date: Date): OpenModel {
  const { source, file } = openModelFile(path)
  try {
    const model = readModel(source, file)
    const tokenizer = createTokenizer(file.metadata, path)
    const hasTemplate = file.metadata.has('tokenizer.chat_template')
    return {
      model,
      tokenizer,
      chat: hasTemplate ? createChatTemplate(file.metadata, tokenizer, date) : null,
      sha256: hashModel(source),
      byteLength: source.byteLength,
    }
  } catch (thrown) {
    source.close()
    throw thrown
  }
}
