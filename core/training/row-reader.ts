import { plainConversation } from '../data/chat/plain-conversation.js'
import type { ChatEncoder } from '../data/prompt-frame.js'
import { characterTokenizer } from '../data/tokenizer/character-tokenizer.js'
import type { Tokenizer } from '../data/tokenizer/tokenizer.js'
import type { ModelDescription } from '../model/description.js'
import type { TensorGraph } from '../model/onnx/tensor-graph.js'

/** What of a model decides how rows are read. */
export interface RowReader {
  readonly tokenizer: Tokenizer
  /** Null where the file has no chat template. */
  readonly chat: ChatEncoder | null
  readonly model: {
    readonly description: Pick<ModelDescription, 'contextLength'>
    /** Of a graph that reads no text. */
    readonly tensorGraph?: TensorGraph
  }
}

/** Reads rows before there is a model: what counts tokens then counts characters. */
export const characterReader: RowReader = {
  tokenizer: characterTokenizer,
  chat: plainConversation,
  model: { description: { contextLength: Infinity } },
}
