import type { TokenInput } from '../model/onnx/token-graph.js'
import type { Tensor, Tensors } from '../runtime/device.js'
import type { ScoredRow } from './scored-row.js'

/** Fills the places of padding; the mask says which they are, and no token before them sees them. */
const paddingToken = 0

/** What a language model's graph takes of rows, right-padded to the longest. */
export function batchTensors(
  inputs: readonly TokenInput[],
  rows: readonly Pick<ScoredRow, 'tokens'>[],
): Tensors {
  const sequence = Math.max(...rows.map(({ tokens }) => tokens.length))
  return Object.fromEntries(inputs.map((input) => [input.name, batchTensor(input, rows, sequence)]))
}

function batchTensor(
  input: TokenInput,
  rows: readonly Pick<ScoredRow, 'tokens'>[],
  sequence: number,
): Tensor {
  if (input.kind === 'past') {
    const shape = input.shape.map((length) => length ?? rows.length)
    return input.type === 'float32'
      ? { type: input.type, shape, data: new Float32Array(0) }
      : { type: input.type, shape, data: new Uint16Array(0) }
  }
  if (input.kind === 'all-logits') return integerTensor(input.type, [0], input.shape)
  const values = rows.flatMap(({ tokens }) =>
    Array.from({ length: sequence }, (_, position) => valueAt(input.kind, tokens, position)),
  )
  return integerTensor(input.type, values, [rows.length, sequence])
}

function valueAt(kind: 'tokens' | 'mask' | 'positions', tokens: Int32Array, position: number): number {
  switch (kind) {
    case 'tokens':
      return tokens[position] ?? paddingToken
    case 'mask':
      return position < tokens.length ? 1 : 0
    case 'positions':
      return position
  }
}

/** Whole numbers as a tensor. */
export function integerTensor(
  type: 'int64' | 'int32',
  values: readonly number[],
  shape: readonly number[],
): Tensor {
  return type === 'int64'
    ? { type, shape, data: BigInt64Array.from(values, BigInt) }
    : { type, shape, data: Int32Array.from(values) }
}
