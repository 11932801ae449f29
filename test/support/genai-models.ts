import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { createTokenizer } from '../../core/data/tokenizer/create-tokenizer.js'
import { readGenaiConfig } from '../../core/model/onnx/genai-config.js'
import { loadRuntime } from '../../core/runtime/load-runtime.js'
import { temporaryFolder } from './temporary-folder.js'
import { tinyTokenizer } from './tiny-tokenizer.js'

const golden = join(import.meta.dirname, '..', 'golden', 'genai')

/** Names of the tiny models that tools/genai-models/build.py made with the model builder of onnxruntime-genai. */
export const genaiModels: readonly string[] = readdirSync(golden)

/** The graph of one of them, as its file has it. */
export function genaiGraph(name: string): Uint8Array {
  return Uint8Array.from(readFileSync(join(golden, name, 'model.onnx')))
}

/** A copy of one of them with a tokenizer beside it. */
export function genaiFolder(name: string): string {
  return copyWithTokenizer(join(golden, name))
}

/** A copy of a model's folder with a tokenizer of 64 tokens beside it. */
export function copyWithTokenizer(original: string): string {
  const folder = join(temporaryFolder(), basename(original))
  cpSync(original, folder, { recursive: true })
  const files = {
    'tokenizer.json': createTokenizer(new Map(tinyTokenizer(64)), 'genai').toJson(),
    'tokenizer_config.json': { bos_token: '<|im_start|>', eos_token: '<|im_end|>', add_bos_token: false },
  }
  for (const [file, content] of Object.entries(files)) {
    writeFileSync(join(folder, file), JSON.stringify(content))
  }
  return folder
}

/**
 * The logits after each of `tokens` that onnxruntime gives by a folder's graph, shape [tokens, vocabulary].
 *
 * What onnxruntime itself makes of DequantizeLinear is told not to round its inputs to 8 bits, as it would.
 */
export async function graphLogits(folder: string, tokens: readonly number[]): Promise<Float32Array> {
  const { InferenceSession, Tensor } = await loadRuntime()
  const { decoder } = readGenaiConfig(folder)
  const session = await InferenceSession.create(join(folder, decoder.filename), {
    intraOpNumThreads: 1,
    extra: { session: { qdq_matmulnbits_accuracy_level: '1' } },
  })
  try {
    const past = Array.from({ length: decoder.num_hidden_layers }, (_, layer) =>
      ['key', 'value'].map((kind) => [
        `past_key_values.${layer}.${kind}`,
        new Tensor('float32', new Float32Array(0), [1, decoder.num_key_value_heads, 0, decoder.head_size]),
      ]),
    )
    const { logits } = await session.run(
      {
        input_ids: new Tensor('int64', BigInt64Array.from(tokens, BigInt), [1, tokens.length]),
        attention_mask: new Tensor('int64', new BigInt64Array(tokens.length).fill(1n), [1, tokens.length]),
        ...(Object.fromEntries(past.flat()) as Record<string, InstanceType<typeof Tensor>>),
      },
      ['logits'],
    )
    return (await logits.getData()) as Float32Array
  } finally {
    await session.release()
  }
}
