import { expect, it } from 'vitest'
import { bytesSource } from '../../../core/formats/byte-source.js'
import { readOnnx } from '../../../core/formats/onnx/read-onnx.js'
import { rewriteOnnx } from '../../../core/formats/onnx/rewrite-onnx.js'
import { isTokenGraph, readTokenGraph } from '../../../core/model/onnx/token-graph.js'
import { trainableScales } from '../../../core/model/onnx/trainable-scales.js'
import { damagedOutcomes, type DamagedReader } from '../../support/damaged-outcomes.js'
import { genaiGraph } from '../../support/genai-models.js'
import { goldenGraph } from '../../support/graph-models.js'

const readers = ['llama-shared', 'qwen2-qdq', 'mistral-float', 'qwen3'].map((name): DamagedReader => {
  const whole = genaiGraph(name)
  return { copies: 2_500, whole, read: (bytes) => readOnnx(bytesSource(bytes, 'fuzz.onnx')) }
})

it('answers 10,000 damaged graphs with an EngineError or their content', { timeout: 60_000 }, () => {
  const outcomes = damagedOutcomes(readers, { seed: 10_000, headerBytes: 20_000 })
  expect([...outcomes.keys()].toSorted()).toEqual(['model-malformed', 'whole'])
  expect(Math.min(...outcomes.values())).toBeGreaterThan(1_000)
})

/** All that is done with a graph that runs as it is, but for running it. */
function promote(bytes: Uint8Array): Uint8Array {
  const source = bytesSource(bytes, 'fuzz.onnx')
  const open = { path: source.path, graph: readOnnx(source) }
  if (isTokenGraph(open)) readTokenGraph(open)
  return rewriteOnnx(source, {
    promoted: trainableScales(open).map(({ tensor }) => tensor),
    attribute: { operator: 'MatMulNBits', name: 'accuracy_level', value: 1 },
    added: {},
    locationOf: () => 'fuzz.onnx',
    outputs: [],
  })
}

it('answers damaged graphs that would be trained as they are in the same way', { timeout: 60_000 }, () => {
  const whole = goldenGraph('neox')
  const outcomes = damagedOutcomes([{ copies: 2_500, whole, read: promote }], {
    seed: 1,
    headerBytes: 20_000,
  })
  expect([...outcomes.keys()].toSorted()).toEqual(['model-malformed', 'model-unsupported', 'whole'])
})
