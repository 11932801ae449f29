import { expect, it } from 'vitest'
import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from '../../../../core/formats/onnx/onnx-graph.js'
import { isTokenGraph, readTokenGraph } from '../../../../core/model/onnx/token-graph.js'
import { trainableScales } from '../../../../core/model/onnx/trainable-scales.js'
import { caughtError } from '../../../support/caught-error.js'

const tokens: OnnxValue = { name: 'input_ids', dtype: 'I64', shape: ['batch', 'sequence'] }
const logits: OnnxValue = { name: 'logits', dtype: 'F16', shape: ['batch', 'sequence', 100] }

function graphOf(parts: Partial<OnnxGraph>): { readonly path: string; readonly graph: OnnxGraph } {
  const graph = {
    operatorSet: 21,
    inputs: [tokens],
    outputs: [logits],
    nodes: [],
    tensors: new Map(),
    ...parts,
  }
  return { path: 'model.onnx', graph }
}

it('says what a graph is given, with nothing before the first token', () => {
  const inputs: OnnxValue[] = [
    { ...tokens, dtype: 'I32' },
    { name: 'attention_mask', dtype: 'I64', shape: ['batch', 'total'] },
    { name: 'past_key_values.0.key', dtype: 'F16', shape: ['batch', 4, 'past', 8] },
    { name: 'num_logits_to_keep', dtype: 'I64', shape: [] },
    { name: 'a constant', dtype: 'F32', shape: [2] },
  ]
  const constant = { name: 'a constant' } as OnnxTensor
  expect(readTokenGraph(graphOf({ inputs, tensors: new Map([['a constant', constant]]) }))).toEqual({
    inputs: [
      { name: 'input_ids', kind: 'tokens', type: 'int32' },
      { name: 'attention_mask', kind: 'mask', type: 'int64' },
      { name: 'past_key_values.0.key', kind: 'past', type: 'float16', shape: [null, 4, 0, 8] },
      { name: 'num_logits_to_keep', kind: 'all-logits', type: 'int64', shape: [] },
    ],
    logits: 'logits',
    vocabularySize: 100,
  })
})

it('takes the width of keys and values from elsewhere where the graph has only a name for it', () => {
  const shape = ['batch_size', 1, 'past_sequence_length', 'kv_cache_dim']
  const past: OnnxValue = { name: 'past_key_values.0.key', dtype: 'F32', shape }
  const open = graphOf({ inputs: [tokens, past] })
  expect(readTokenGraph(open, 16).inputs[1]).toMatchObject({ shape: [null, 1, 0, 16] })
  expect(caughtError(() => readTokenGraph(open)).code).toBe('model-unsupported')
})

it.each<[string, OnnxValue]>([
  ['something else', { name: 'pixel_values', dtype: 'F32', shape: ['batch', 3, 'height', 'width'] }],
  ['a fixed length', { name: 'attention_mask', dtype: 'I64', shape: ['batch', 128] }],
  ['a cache of fixed length', { name: 'past_key_values.0.key', dtype: 'F32', shape: ['batch', 4, 64, 8] }],
  ['an unknown shape', { name: 'position_ids', dtype: 'I64', shape: null }],
  ['another type', { name: 'attention_mask', dtype: 'F32', shape: ['batch', 'total'] }],
])('refuses an input of %s by its name', (_, input) => {
  const error = caughtError(() => readTokenGraph(graphOf({ inputs: [tokens, input] })))
  expect(error).toMatchObject({ code: 'model-unsupported' })
  expect(error.message).toContain(`an input '${input.name}' of its graph`)
})

it('knows graphs from tokens to logits', () => {
  expect(isTokenGraph(graphOf({}))).toBe(true)
  expect(isTokenGraph(graphOf({ outputs: [{ ...logits, name: 'sample' }] }))).toBe(false)
})

it('finds scales only where codes are constants of few bits, and where scales can be written in place', () => {
  const tensor = (name: string, dtype: string, kind: 'inside' | 'numbers' = 'inside'): OnnxTensor => {
    const place = kind === 'inside' ? { kind, offset: 0, byteLength: 8 } : { kind }
    return { name, dtype, shape: [2], byteLength: 8, place }
  }
  const tensors = [
    ...['a', 'b', 'c', 'd', 'e'].map((name) => tensor(`${name}.scales`, 'F32')),
    tensor('f.scales', 'F32', 'numbers'),
    ...[tensor('four', 'U4'), tensor('eight', 'I8'), tensor('many', 'I32')],
  ]
  const node = (operator: string, inputs: string[], block = 0): OnnxNode => ({
    ...{ name: operator, operator, domain: '', inputs, outputs: ['y'] },
    attributes: new Map([['block_size', block]]),
  })
  const nodes = [
    node('DequantizeLinear', ['four', 'a.scales']),
    node('DequantizeLinear', ['four', 'a.scales']),
    node('DequantizeLinear', ['eight', 'b.scales'], 16),
    node('DequantizeLinear', ['eight', 'c.scales']),
    node('DequantizeLinear', ['many', 'd.scales'], 16),
    node('MatMulNBits', ['x', 'computed', 'e.scales'], 16),
    node('DequantizeLinear', ['four', 'f.scales']),
  ]
  const found = trainableScales(
    graphOf({ nodes, tensors: new Map(tensors.map((each) => [each.name, each])) }),
  )
  expect(found.map(({ tensor: { name } }) => name)).toEqual(['a.scales', 'b.scales'])
})
