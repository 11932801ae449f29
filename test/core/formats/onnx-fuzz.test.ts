import { expect, it } from 'vitest'
import { bytesSource } from '../../../core/formats/byte-source.js'
import { readOnnx } from '../../../core/formats/onnx/read-onnx.js'
import { damagedOutcomes, type DamagedReader } from '../../support/damaged-outcomes.js'
import { genaiGraph } from '../../support/genai-models.js'

const readers = ['llama-shared', 'qwen2-qdq', 'mistral-float', 'qwen3'].map((name): DamagedReader => {
  const whole = genaiGraph(name)
  return { copies: 2_500, whole, read: (bytes) => readOnnx(bytesSource(bytes, 'fuzz.onnx')) }
})

it('answers 10,000 damaged graphs with an EngineError or their content', { timeout: 60_000 }, () => {
  const outcomes = damagedOutcomes(readers, { seed: 10_000, headerBytes: 20_000 })
  expect([...outcomes.keys()].toSorted()).toEqual(['model-malformed', 'whole'])
  expect(Math.min(...outcomes.values())).toBeGreaterThan(1_000)
})
