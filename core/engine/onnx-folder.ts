import { join } from 'node:path'
import { z } from 'zod'
import { createChatTemplate, type ChatTemplate } from '../data/chat-template.js'
import { createTokenizer } from '../data/tokenizer/create-tokenizer.js'
import type { Tokenizer } from '../data/tokenizer/tokenizer.js'
import { openByteSource } from '../formats/byte-source.js'
import { readMetadataAt } from '../model/open-model-file.js'
import type { Device } from '../runtime/device.js'
import { EngineError } from '../schema/engine-error.js'
import { OnnxModel, type OnnxSizes } from './onnx-model.js'

/** Files of an exported folder that Zerotune itself reads back. */
export const onnxFolderFiles = {
  graph: 'model.onnx',
  config: 'genai_config.json',
  /** The model file's metadata, and with it the exact tokenizer, as a GGUF file without tensors. */
  metadata: 'metadata.gguf',
} as const

/** An exported folder that is ready to generate. */
export interface OnnxFolder {
  readonly model: OnnxModel
  readonly tokenizer: Tokenizer
  /** Null where the model has no chat template. */
  readonly chat: ChatTemplate | null
}

const count = z
  .number()
  .int()
  .min(1)
  .max(2 ** 26)
const config = z.object({
  model: z.object({
    context_length: count,
    vocab_size: count,
    decoder: z.object({ num_hidden_layers: count, num_key_value_heads: count, head_size: count }),
  }),
})

/** Far above any configuration that we write. */
const largestConfigBytes = 2 ** 20

/**
 * Opens a folder that `zerotune export --format onnx` wrote.
 *
 * @param date what the chat template may show as the current date
 * @throws EngineError `file-unreadable`, `model-malformed`, `model-unsupported`, `template-invalid`, `runtime-failed`
 */
export async function openOnnxFolder(folder: string, device: Device, date: Date): Promise<OnnxFolder> {
  const sizes = readSizes(join(folder, onnxFolderFiles.config))
  const metadataPath = join(folder, onnxFolderFiles.metadata)
  const metadata = readMetadataAt(metadataPath)
  const tokenizer = createTokenizer(metadata, metadataPath)
  const hasTemplate = metadata.has('tokenizer.chat_template')
  const chat = hasTemplate ? createChatTemplate(metadata, tokenizer, date) : null
  const model = await OnnxModel.open(join(folder, onnxFolderFiles.graph), sizes, device)
  return { model, tokenizer, chat }
}

function readSizes(path: string): OnnxSizes {
  const parsed = config.safeParse(readJson(path))
  if (!parsed.success) {
    const [{ path: field, message }] = parsed.error.issues
    throw malformed(path, field.join('.'), message)
  }
  const { context_length, vocab_size, decoder } = parsed.data.model
  return {
    contextLength: context_length,
    vocabularySize: vocab_size,
    layerCount: decoder.num_hidden_layers,
    kvHeadCount: decoder.num_key_value_heads,
    headWidth: decoder.head_size,
  }
}

function readJson(path: string): unknown {
  const source = openByteSource(path)
  try {
    if (source.byteLength > largestConfigBytes) {
      throw malformed(path, 'its size', `expected up to ${largestConfigBytes} bytes`)
    }
    const text = new TextDecoder().decode(source.read(0, source.byteLength))
    return JSON.parse(text) as unknown
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw malformed(path, 'the whole file', thrown.message)
    throw thrown
  } finally {
    source.close()
  }
}

function malformed(path: string, where: string, reason: string): EngineError {
  return new EngineError('model-malformed', { path, where }, `'${path}': ${where}: ${reason}`)
}
