import { createChatTemplate, type ChatTemplate } from '../data/chat-template.js'
import { createTokenizer } from '../data/tokenizer/create-tokenizer.js'
import type { Tokenizer } from '../data/tokenizer/tokenizer.js'
import type { ByteSource } from '../formats/byte-source.js'
import { hashingModel } from '../model/hash.js'
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

/** How much of a model was read to know that it is the same one. */
export interface HashProgress {
  readonly done: number
  readonly total: number
}

/**
 * Opens a model: its weights, its tokenizer and its template.
 *
 * @param date what the chat template may show as the current date
 * @param hashes spare reading a large file whole where its hash is known; it was checked whole when it was hashed
 * @throws EngineError 'file-unreadable', 'model-malformed', 'model-unsupported', 'template-invalid'
 */
export function openModel(path: string, date: Date, hashes: KnownHashes | null = null): OpenModel {
  const opening = openingModel(path, date, hashes)
  let next = opening.next()
  while (next.done !== true) next = opening.next()
  return next.value
}

/** As `openModel`, in pieces: yields how much of the file was hashed. Returning it early closes the file. */
export function* openingModel(
  path: string,
  date: Date,
  hashes: KnownHashes | null,
): Generator<HashProgress, OpenModel> {
  const { source, file } = openModelFile(path)
  let isOpen = false
  try {
    const known = hashes?.find(source) ?? null
    const model = readModel(source, file, { checksTables: known === null })
    const tokenizer = createTokenizer(file.metadata, path)
    const sha256 = known ?? (yield* hashing(source))
    if (known === null) hashes?.keep(source, sha256)
    const hasTemplate = file.metadata.has('tokenizer.chat_template')
    const chat = hasTemplate ? createChatTemplate(file.metadata, tokenizer, date) : null
    isOpen = true
    return { model, tokenizer, chat, sha256, byteLength: source.byteLength }
  } finally {
    if (!isOpen) source.close()
  }
}

function* hashing(source: ByteSource): Generator<HashProgress, string> {
  const hash = hashingModel(source)
  let next = hash.next()
  for (; next.done !== true; next = hash.next()) yield { done: next.value, total: source.byteLength }
  return next.value
}
