import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readJsonFile } from '../../formats/read-json-file.js'
import { genaiConfigFile, readGenaiConfig } from './genai-config.js'

/** What the files beside a language model's graph say that the graph does not. */
export interface GraphConfig {
  /** Null where no file says. */
  readonly modelType: string | null
  readonly contextLength: number
  /** Null where no file says. */
  readonly vocabularySize: number | null
  /** Of keys and values; null where no file says. */
  readonly headWidth: number | null
}

const mostConfigBytes = 2 ** 20
/** Where no file says how many tokens a model reads. */
const usualContext = 1024

const size = z
  .int()
  .positive()
  .max(2 ** 26)
  .optional()
  .catch(undefined)
const schema = z.object({
  model_type: z.string().max(200).optional().catch(undefined),
  vocab_size: size,
  max_position_embeddings: size,
  n_positions: size,
  n_ctx: size,
  max_seq_len: size,
  head_dim: size,
  hidden_size: size,
  num_attention_heads: size,
})

/**
 * Reads genai_config.json or config.json beside a graph, of whatever kind its model is.
 *
 * @throws EngineError `file-unreadable`, `model-malformed`
 */
export function readGraphConfig(folder: string): GraphConfig {
  if (existsSync(join(folder, genaiConfigFile))) {
    const { type, context_length, vocab_size, decoder } = readGenaiConfig(folder)
    return {
      modelType: type,
      contextLength: context_length,
      vocabularySize: vocab_size,
      headWidth: decoder.head_size,
    }
  }
  const path = join(folder, 'config.json')
  const parsed = existsSync(path) ? schema.safeParse(readJsonFile(path, mostConfigBytes)).data : undefined
  const { max_position_embeddings, n_positions, n_ctx, max_seq_len } = parsed ?? {}
  const { head_dim, hidden_size, num_attention_heads } = parsed ?? {}
  const sharedWidth =
    hidden_size === undefined || num_attention_heads === undefined ? null : hidden_size / num_attention_heads
  return {
    modelType: parsed?.model_type ?? null,
    contextLength: max_position_embeddings ?? n_positions ?? n_ctx ?? max_seq_len ?? usualContext,
    vocabularySize: parsed?.vocab_size ?? null,
    headWidth: head_dim ?? sharedWidth,
  }
}
