import type { GgufValue } from '../../formats/gguf/gguf-file.js'
import { EngineError } from '../../schema/engine-error.js'
import { tensorNames } from '../tensor-names.js'
import { yarnMagnitude } from '../yarn.js'
import { configSchema, type FolderConfig, type RopeConfig } from './config-schema.js'
import { families, type FolderFamily } from './families.js'
import { llama3Factors } from './llama3-factors.js'
import { modelProblem } from '../../schema/model-problems.js'

/** A config.json, and the family of its model. */
export interface DescribedFolder {
  readonly config: FolderConfig
  readonly family: FolderFamily
  readonly headWidth: number
}

/**
 * Checks a config.json.
 *
 * @throws EngineError `model-malformed` naming the field, `model-unsupported` for another kind of model
 */
export function describeFolder(path: string, value: unknown): DescribedFolder {
  const parsed = configSchema.safeParse(value)
  if (!parsed.success) {
    const [{ path: field, message }] = parsed.error.issues
    const where = field.join('.')
    throw new EngineError('model-malformed', { path, where }, `'${path}': ${where}: ${message}`)
  }
  const config = parsed.data
  const family = families.get(config.model_type)
  if (family === undefined) {
    const feature = modelProblem('model-type', { name: config.model_type })
    const message = `'${path}' has the ${feature}; supported are ${[...families.keys()].join(', ')}`
    throw new EngineError('model-unsupported', { path, feature }, message)
  }
  refuseOtherLayers(path, config)
  const headWidth = config.head_dim ?? Math.floor(config.hidden_size / config.num_attention_heads)
  return { config, family, headWidth }
}

/** Which layers rotate and see a window is the architecture's to say, since GGUF has no place for it. */
function refuseOtherLayers(path: string, { model_type, layer_types, no_rope_layers }: FolderConfig): void {
  const period = { gemma2: 2, gemma3_text: 6, olmo3: 4 }[model_type]
  const seesOther = layer_types?.some(
    (type, layer) => period !== undefined && (type === 'full_attention') !== ((layer + 1) % period === 0),
  )
  const rotatesOther = no_rope_layers?.some((rotates, layer) => (rotates === 0) !== ((layer + 1) % 4 === 0))
  if (seesOther !== true && (model_type !== 'smollm3' || rotatesOther !== true)) return
  const feature = modelProblem(seesOther === true ? 'other-windows' : 'other-rotation')
  const message = `'${path}' has ${feature} than models of type '${model_type}' do`
  throw new EngineError('model-unsupported', { path, feature }, message)
}

/** The metadata that a GGUF file of the model would have, without its tokenizer. */
export function metadataOfConfig(described: DescribedFolder): Map<string, GgufValue> {
  const { config, family, headWidth } = described
  const epsilon = config.rms_norm_eps == null ? 'layer_norm_epsilon' : 'layer_norm_rms_epsilon'
  const rope = ropeOf(config)
  const partial = rope.partial_rotary_factor ?? config.partial_rotary_factor ?? 1
  const counts: Record<string, number | null | undefined> = {
    block_count: config.num_hidden_layers,
    context_length: config.max_position_embeddings,
    embedding_length: config.hidden_size,
    feed_forward_length: config.intermediate_size,
    'attention.head_count': config.num_attention_heads,
    'attention.head_count_kv': config.num_key_value_heads ?? config.num_attention_heads,
    'attention.key_length': headWidth,
    'attention.value_length': headWidth,
    'rope.dimension_count': Math.floor(headWidth * partial),
    vocab_size: config.vocab_size,
  }
  const numbers = {
    [`attention.${epsilon}`]: config.rms_norm_eps ?? config.layer_norm_eps,
    'rope.freq_base': rope.rope_theta ?? config.rope_theta ?? 10_000,
    ...scalingNumbers(config, rope),
    ...family.settings(config),
  }
  const entries = Object.entries({ ...counts, ...numbers }).flatMap(([key, value]): [string, GgufValue][] => {
    if (value === null || value === undefined) return []
    const isCount = key in counts || key.endsWith('_length') || key.endsWith('sliding_window')
    return [[key, isCount ? { type: 'uint32', value } : { type: 'float32', value: Math.fround(value) }]]
  })
  const type = ropeTypeOf(rope)
  // Others are named, so that whoever describes the model can refuse them by their names.
  if (!['default', 'llama3', 'longrope', 'su'].includes(type)) {
    entries.push(['rope.scaling.type', { type: 'string', value: type }])
  }
  if (config.use_parallel_residual === true) {
    entries.push(['use_parallel_residual', { type: 'bool', value: true }])
  }
  const prefixed = entries.map(([key, value]): [string, GgufValue] => [
    `${family.architecture}.${key}`,
    value,
  ])
  return new Map([['general.architecture', { type: 'string', value: family.architecture }], ...prefixed])
}

/** The rope of layers that see all positions. */
function ropeOf({ rope_parameters, rope_scaling }: FolderConfig): RopeConfig {
  const rope = rope_parameters ?? rope_scaling ?? {}
  return rope.full_attention ?? rope
}

function ropeTypeOf({ rope_type, type }: RopeConfig): string {
  return rope_type ?? type ?? 'default'
}

function originalLength(config: FolderConfig, rope: RopeConfig): number | undefined {
  return rope.original_max_position_embeddings ?? config.original_max_position_embeddings ?? undefined
}

function scalingNumbers(config: FolderConfig, rope: RopeConfig): Record<string, number | null | undefined> {
  switch (ropeTypeOf(rope)) {
    case 'linear':
      return { 'rope.scaling.factor': rope.factor ?? 1 }
    case 'yarn': {
      const factor = rope.factor ?? 1
      const magnitude = rope.attention_factor
      return {
        'rope.scaling.factor': factor,
        'rope.scaling.original_context_length':
          originalLength(config, rope) ?? config.max_position_embeddings,
        'rope.scaling.yarn_beta_fast': rope.beta_fast,
        'rope.scaling.yarn_beta_slow': rope.beta_slow,
        'rope.scaling.yarn_attn_factor': magnitude == null ? null : magnitude / yarnMagnitude(factor),
        'rope.scaling.yarn_log_multiplier': rope.mscale ?? rope.mscale_all_dim,
      }
    }
    case 'longrope':
    case 'su': {
      const length = originalLength(config, rope) ?? config.max_position_embeddings
      const factor = Math.max(1, rope.factor ?? config.max_position_embeddings / length)
      const magnitude = Math.sqrt(1 + Math.log(factor) / Math.log(length))
      return {
        'rope.scaling.original_context_length': length,
        'rope.scaling.attn_factor': rope.attention_factor ?? magnitude,
      }
    }
    default:
      return {}
  }
}

/** The tensors about rotation that a GGUF file of the model would have: what divides each pair's frequency. */
export function ropeTensors({ config, headWidth }: DescribedFolder): [name: string, factors: Float32Array][] {
  const rope = ropeOf(config)
  const type = ropeTypeOf(rope)
  if (type === 'llama3') {
    const { factor = 8, low_freq_factor: low = 1, high_freq_factor: high = 4 } = rope
    const length = rope.original_max_position_embeddings ?? 8192
    const base = rope.rope_theta ?? config.rope_theta ?? 10_000
    return [[tensorNames.ropeFrequencies, llama3Factors({ factor, low, high, length }, base, headWidth)]]
  }
  if (type !== 'longrope' && type !== 'su') return []
  return [
    [tensorNames.ropeShortFactors, Float32Array.from(rope.short_factor ?? [])],
    [tensorNames.ropeLongFactors, Float32Array.from(rope.long_factor ?? [])],
  ]
}
