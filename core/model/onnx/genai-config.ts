import { join } from 'node:path'
import { z } from 'zod'
import { readJsonFile } from '../../formats/read-json-file.js'
import { EngineError } from '../../schema/engine-error.js'

/** The file of onnxruntime-genai that says what a graph is. */
export const genaiConfigFile = 'genai_config.json'

const mostConfigBytes = 2 ** 20
const count = z
  .int()
  .positive()
  .max(2 ** 26)

/** What we take from it. Source: onnxruntime-genai 0.18, src/python/py/models/builders/base.py, `make_genai_config`. */
const schema = z.object({
  model: z.object({
    context_length: count,
    vocab_size: count,
    decoder: z.object({
      filename: z
        .string()
        .regex(/^[^/\\:\0]{1,255}$/, 'expected the name of a file beside it')
        .default('model.onnx'),
      head_size: count,
      hidden_size: count,
      num_attention_heads: count,
      num_hidden_layers: count.max(4096),
      num_key_value_heads: count,
    }),
    /** As `model_type` of config.json. */
    type: z.string(),
  }),
})
export type GenaiModel = z.infer<typeof schema>['model']

/**
 * Reads the genai_config.json of a folder.
 *
 * @throws EngineError `file-unreadable`, `model-malformed` naming the field
 */
export function readGenaiConfig(folder: string): GenaiModel {
  const path = join(folder, genaiConfigFile)
  const parsed = schema.safeParse(readJsonFile(path, mostConfigBytes))
  if (parsed.success) return parsed.data.model
  const [{ path: field, message }] = parsed.error.issues
  const where = field.join('.')
  throw new EngineError('model-malformed', { path, where }, `'${path}': ${where}: ${message}`)
}
