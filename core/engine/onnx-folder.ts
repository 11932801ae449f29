import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createChatTemplate, type ChatTemplate } from '../data/chat-template.js'
import { createTokenizer } from '../data/tokenizer/create-tokenizer.js'
import type { Tokenizer } from '../data/tokenizer/tokenizer.js'
import { ownMetadataFile } from '../model/onnx/describe-own-graph.js'
import { genaiConfigFile, readGenaiConfig } from '../model/onnx/genai-config.js'
import { readMetadataAt } from '../model/open-model-file.js'
import type { Device } from '../runtime/device.js'
import { OnnxModel, type OnnxSizes } from './onnx-model.js'

/** Files of an exported folder that Zerotune itself reads back. */
export const onnxFolderFiles = {
  graph: 'model.onnx',
  config: genaiConfigFile,
  /** The model file's metadata, and with it the exact tokenizer, as a GGUF file without tensors. */
  metadata: ownMetadataFile,
} as const

/** An exported folder that is ready to generate. */
export interface OnnxFolder {
  readonly model: OnnxModel
  readonly tokenizer: Tokenizer
  /** Null where the model has no chat template. */
  readonly chat: ChatTemplate | null
}

/** Whether a folder is one that we exported, which can generate by its own graph. */
export function isExportedFolder(folder: string): boolean {
  return Object.values(onnxFolderFiles).every((name) => existsSync(join(folder, name)))
}

/**
 * Opens a folder that `zerotune export --format onnx` wrote.
 *
 * @param date what the chat template may show as the current date
 * @throws EngineError `file-unreadable`, `model-malformed`, `model-unsupported`, `template-invalid`, `runtime-failed`
 */
export async function openOnnxFolder(folder: string, device: Device, date: Date): Promise<OnnxFolder> {
  const sizes = readSizes(folder)
  const metadataPath = join(folder, onnxFolderFiles.metadata)
  const metadata = readMetadataAt(metadataPath)
  const tokenizer = createTokenizer(metadata, metadataPath)
  const hasTemplate = metadata.has('tokenizer.chat_template')
  const chat = hasTemplate ? createChatTemplate(metadata, tokenizer, date) : null
  const model = await OnnxModel.open(join(folder, onnxFolderFiles.graph), sizes, device)
  return { model, tokenizer, chat }
}

function readSizes(folder: string): OnnxSizes {
  const { context_length, vocab_size, decoder } = readGenaiConfig(folder)
  return {
    contextLength: context_length,
    vocabularySize: vocab_size,
    layerCount: decoder.num_hidden_layers,
    kvHeadCount: decoder.num_key_value_heads,
    headWidth: decoder.head_size,
  }
}
