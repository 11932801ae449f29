import type { OnnxValue } from '../../formats/onnx/onnx-graph.js'
import type { OpenOnnx } from '../../formats/onnx/open-onnx.js'
import { modelProblem } from '../../schema/model-problems.js'
import { unsupportedOnnx } from './onnx-errors.js'

/** What a language model's graph is given of a batch of texts. */
export type TokenInput =
  | {
      readonly name: string
      /** Ids of tokens, which of them are no padding, and where they stand; shape [batch, sequence]. */
      readonly kind: 'tokens' | 'mask' | 'positions'
      readonly type: 'int64' | 'int32'
    }
  | {
      readonly name: string
      /** Of how many last positions the logits are wanted: 0, which means all. */
      readonly kind: 'all-logits'
      readonly type: 'int64' | 'int32'
      readonly shape: readonly [] | readonly [1]
    }
  | {
      readonly name: string
      /** Keys or values of earlier tokens, of which there are none. */
      readonly kind: 'past'
      readonly type: 'float32' | 'float16'
      /** Null for the rows of the batch. */
      readonly shape: readonly (number | null)[]
    }

/** A graph from tokens to the logits of those that follow them. */
export interface TokenGraph {
  readonly inputs: readonly TokenInput[]
  /** The name of the output, shape [batch, sequence, vocabulary]. */
  readonly logits: string
  /** Null where the graph does not say. */
  readonly vocabularySize: number | null
}

const integerKinds = { input_ids: 'tokens', attention_mask: 'mask', position_ids: 'positions' } as const
const integerTypes = { I64: 'int64', I32: 'int32' } as const
const pastTypes = { F32: 'float32', F16: 'float16' } as const
const inputWords =
  'input_ids, attention_mask, position_ids, num_logits_to_keep, and keys and values of earlier tokens, of any length'

/** Whether a graph takes tokens and gives logits. */
export function isTokenGraph({ graph }: Pick<OpenOnnx, 'graph'>): boolean {
  return (
    graph.inputs.some(({ name }) => name === 'input_ids') &&
    graph.outputs.some(({ name }) => name === 'logits')
  )
}

/**
 * What a language model's graph takes and gives, as exporters of ONNX name it.
 *
 * Source: Optimum 2, `TextDecoderWithPositionIdsOnnxConfig`; onnxruntime-genai 0.18, src/python/py/models/builders/base.py; transformers.js 3,
 * `decoder_forward`.
 *
 * @param headWidth of keys and values, for graphs that have only a name for it
 * @throws EngineError `model-unsupported` for an input that is something else, or of a fixed length
 */
export function readTokenGraph(
  { path, graph }: Pick<OpenOnnx, 'path' | 'graph'>,
  headWidth: number | null = null,
): TokenGraph {
  const inputs = graph.inputs
    .filter(({ name }) => !graph.tensors.has(name))
    .map((value) => {
      const input = integerInput(value) ?? logitCount(value) ?? pastInput(value, headWidth)
      if (input !== null) return input
      throw unsupportedOnnx(path, modelProblem('graph-input', { name: value.name.slice(0, 200) }), inputWords)
    })
  const logits = graph.outputs.find(({ name }) => name === 'logits')
  const vocabularySize = logits?.shape?.at(2)
  return {
    inputs,
    logits: 'logits',
    vocabularySize: typeof vocabularySize === 'number' && vocabularySize > 0 ? vocabularySize : null,
  }
}

function integerInput({ name, dtype, shape }: OnnxValue): TokenInput | null {
  const [kind, type] = [valueOf(integerKinds, name), valueOf(integerTypes, dtype)]
  const isOfAnyLength = shape?.length === 2 && shape.every((length) => typeof length === 'string')
  return kind !== null && type !== null && isOfAnyLength ? { name, kind, type } : null
}

function logitCount({ name, dtype, shape }: OnnxValue): TokenInput | null {
  const type = valueOf(integerTypes, dtype)
  if (name !== 'num_logits_to_keep' || type === null || shape === null) return null
  if (shape.length > 1 || (shape.at(0) ?? 1) !== 1) return null
  return { name, kind: 'all-logits', type, shape: shape.length === 0 ? [] : [1] }
}

/** Nothing before the first token: the length of what is kept is 0. Its width may have a name only, which the configuration tells. */
function pastInput({ name, dtype, shape }: OnnxValue, headWidth: number | null): TokenInput | null {
  const type = valueOf(pastTypes, dtype)
  if (!name.startsWith('past') || type === null || shape === null) return null
  const [rows, ...lengths] = shape
  const named = lengths.filter((length) => typeof length === 'string')
  if (typeof rows !== 'string' || named.length === 0) return null
  const none = lengths.map((length, index) => {
    if (typeof length === 'number') return length
    if (named.length === 1 || /past|seq/i.test(length)) return 0
    return index === lengths.length - 1 ? headWidth : null
  })
  const known = none.filter((length) => length !== null)
  return known.length === none.length ? { name, kind: 'past', type, shape: [null, ...known] } : null
}

function valueOf<T>(table: Readonly<Record<string, T>>, key: string): T | null {
  return Object.hasOwn(table, key) ? table[key] : null
}
