import type { Tokenizer } from '../../data/tokenizer/tokenizer.js'
import type { ModelDescription } from '../../model/description.js'
import { llama3Factors } from '../../model/hugging-face/llama3-factors.js'
import { EngineError } from '../../schema/engine-error.js'
import { modelConfig } from '../onnx/model-config.js'

/** Hugging Face's class of a model, by GGUF's architecture; `model_type` is the architecture itself. */
const classes: ReadonlyMap<string, string> = new Map([
  ['llama', 'LlamaForCausalLM'],
  ['qwen2', 'Qwen2ForCausalLM'],
  ['qwen3', 'Qwen3ForCausalLM'],
])

/**
 * `config.json` for transformers.
 *
 * @throws EngineError `model-unsupported` for an architecture, or a scaling of positions, that it has no words for
 */
export function folderConfig(model: ModelDescription, tokenizer: Tokenizer, path: string): object {
  const { architecture, rope } = model
  const name = classes.get(architecture)
  if (name === undefined) throw unsupported(path, `the architecture '${architecture}'`)
  const config = Object.entries(modelConfig(model, tokenizer))
  return {
    ...Object.fromEntries(config.filter(([key]) => key !== 'transformers.js_config')),
    architectures: [name],
    model_type: architecture,
    torch_dtype: 'float16',
    ...(rope.frequencyFactors !== null && { rope_scaling: llama3Scaling(model, path) }),
  }
}

/** The settings of Llama 3's models. */
const llama3Settings = [8, 32].map((factor) => ({ factor, low: 1, high: 4, length: 8192 }))

/** The settings that give a model's factors: a GGUF file has the factors only. */
function llama3Scaling({ rope, headWidth }: ModelDescription, path: string): object {
  const found = llama3Settings.find((settings) =>
    llama3Factors(settings, rope.base, headWidth).every(
      (factor, pair) => Math.abs(factor / (rope.frequencyFactors?.[pair] ?? 0) - 1) < 1e-4,
    ),
  )
  if (found === undefined) throw unsupported(path, 'rope frequency factors that are not those of Llama 3')
  return {
    rope_type: 'llama3',
    factor: found.factor,
    low_freq_factor: found.low,
    high_freq_factor: found.high,
    original_max_position_embeddings: found.length,
  }
}

function unsupported(path: string, feature: string): EngineError {
  const message = `'${path}' has ${feature}, which a safetensors folder cannot be written for`
  return new EngineError('model-unsupported', { path, feature }, message)
}
