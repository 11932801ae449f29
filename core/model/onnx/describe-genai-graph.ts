import { join } from 'node:path'
import type { OpenOnnx } from '../../formats/onnx/open-onnx.js'
import type { GgufValue } from '../../formats/gguf/gguf-file.js'
import { malformedOnnx } from '../../formats/onnx/read-onnx.js'
import { modelProblem } from '../../schema/model-problems.js'
import { describeFolder, metadataOfConfig } from '../hugging-face/model-config.js'
import { readFolderTokenizer } from '../hugging-face/read-folder-tokenizer.js'
import { tensorNames } from '../tensor-names.js'
import { checkOperators, checkOutput, normEpsilonOf } from './check-operators.js'
import { findWeights, type FoundWeights } from './find-weights.js'
import { genaiConfigFile, type GenaiModel } from './genai-config.js'
import type { GraphParts } from './graph-parts.js'
import { unsupportedOnnx } from './onnx-errors.js'
import { partsOfWeights } from './parts-of-weights.js'
import { readAttention } from './read-attention.js'
import { frequencyFactors, readRopeTables } from './read-rope-tables.js'
import { baseOfFrequencies } from './rope-of-tables.js'

/** A graph as a GGUF file of its model would be. */
export interface DescribedGraph {
  /** Without the model's name. */
  readonly metadata: ReadonlyMap<string, GgufValue>
  readonly parts: GraphParts
  /** Tensors that the graph has in another form. */
  readonly made: readonly (readonly [name: string, values: Float32Array])[]
}

/** Models whose graphs say everything about them. */
const knownTypes = ['llama', 'mistral', 'qwen2', 'qwen3', 'phi3']
const usualBase = 10_000

/**
 * Describes a graph that the model builder of onnxruntime-genai made, by itself, genai_config.json and the tokenizer's files.
 *
 * @throws EngineError `file-unreadable`, `model-malformed`, `model-unsupported`
 */
export function describeGenaiGraph(open: OpenOnnx, folder: string, genai: GenaiModel): DescribedGraph {
  const { path } = open
  if (!knownTypes.includes(genai.type)) {
    throw unsupportedOnnx(path, modelProblem('model-type', { name: genai.type }), knownTypes.join(', '))
  }
  const attention = readAttention(open, genai)
  checkOperators(open, genai.decoder.num_hidden_layers)
  const weights = findWeights(open)
  checkOutput(open, weights.vectors.get('model.norm.weight')?.name ?? '')
  const rotation = readRopeTables(open, attention.cosines, attention.sines)
  const base = baseOfFrequencies(rotation.frequencies, rotation.positions)
  const vocabularySize = weights.matrices.get('model.embed_tokens')?.rows ?? genai.vocab_size
  const described = describeFolder(join(folder, genaiConfigFile), {
    model_type: genai.type,
    hidden_size: genai.decoder.hidden_size,
    intermediate_size: feedForwardWidth(open, weights),
    num_hidden_layers: genai.decoder.num_hidden_layers,
    num_attention_heads: genai.decoder.num_attention_heads,
    num_key_value_heads: genai.decoder.num_key_value_heads,
    head_dim: genai.decoder.head_size,
    max_position_embeddings: Math.min(genai.context_length, rotation.positions),
    rms_norm_eps: normEpsilonOf(open),
    rope_theta: base ?? usualBase,
    partial_rotary_factor: (2 * rotation.frequencies.length) / genai.decoder.head_size,
    tie_word_embeddings: !weights.matrices.has('lm_head'),
    vocab_size: vocabularySize,
    sliding_window: attention.window,
    use_sliding_window: attention.window !== null,
  })
  const metadata = new Map([...metadataOfConfig(described), ...readFolderTokenizer(folder, vocabularySize)])
  const magnitude = { type: 'float32' as const, value: Math.fround(rotation.magnitude) }
  if (Math.abs(rotation.magnitude - 1) > 1e-6) {
    metadata.set(`${described.family.architecture}.rope.scaling.attn_factor`, magnitude)
  }
  return {
    metadata,
    parts: partsOfWeights(path, weights, described),
    made:
      base === null ? [[tensorNames.ropeFrequencies, frequencyFactors(rotation.frequencies, usualBase)]] : [],
  }
}

/** Half of a linear that has gate and other half one after the other, or all of the gate. */
function feedForwardWidth({ path }: OpenOnnx, { matrices }: FoundWeights): number {
  const gate = matrices.get('model.layers.0.mlp.gate_proj')?.rows
  const both = matrices.get('model.layers.0.mlp.gate_up_proj')?.rows
  const found = gate ?? (both === undefined ? undefined : both / 2)
  if (found !== undefined) return found
  throw malformedOnnx(path, "'model.layers.0.mlp.gate_proj'", 'expected a product of that name, found none')
}
