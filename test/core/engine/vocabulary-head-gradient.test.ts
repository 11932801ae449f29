import { describe, expect, it, onTestFinished } from 'vitest'
import { logSumExp } from '../../../core/engine/label-head.js'
import { VocabularyHead } from '../../../core/engine/vocabulary-head.js'
import { VocabularyHeadGradient } from '../../../core/engine/vocabulary-head-gradient.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { openTiny } from '../../support/open-tiny.js'
import { randomNumbers } from '../../support/random-numbers.js'
import { referenceHead } from '../../support/reference-model.js'
import type { TinyModel } from '../../support/tiny-gguf.js'

const width = 64
const random = randomNumbers(21)
const randomStates = (tokens: number): Float32Array =>
  Float32Array.from({ length: tokens * width }, () => 3 * random.symmetric())

const models: Readonly<Record<string, Partial<TinyModel>>> = {
  'Q8_0, tied': {},
  'Q4_0, tied': { embeddingType: 'Q4_0' },
  'Q4_1, untied': { outputType: 'Q4_1', vocabulary: 71 },
  'F16, untied': { outputType: 'F16' },
  'F32, untied': { outputType: 'F32' },
}

describe.each(Object.entries(models))(
  'the gradient at the last hidden state of a model with %s',
  (_, options) => {
    it('of weighed log-probabilities is the slope of their sum', async () => {
      const { head, gradientHead, logits } = openHeads(options)
      const hidden = randomStates(3)
      const targets = [5, 60, 17]
      const coefficients = [-0.5, 0.25, 0]
      const scores = await head.score(hidden, targets)
      const found = new Float32Array(hidden.length)
      await gradientHead.addLogProbabilities(
        hidden,
        scores.map((score, i) => ({ ...score, target: targets[i], coefficient: coefficients[i] })),
        found,
      )
      const expected = slopes(hidden, (state, token) => {
        const values = logits(state)
        return coefficients[token] * (values[targets[token]] - logSumExp(values))
      })
      expect(difference(found, expected)).toBeLessThan(1e-5)
    })

    it('of the divergence from the base is its slope', async () => {
      const { head, gradientHead, logits } = openHeads(options)
      const baseHidden = randomStates(3)
      const hidden = baseHidden.map((value) => value + 0.5 * random.symmetric())
      const coefficients = [1, 0.25, -2]
      const totals = await head.logSumExps(hidden)
      const baseTotals = await head.logSumExps(baseHidden)
      const found = new Float32Array(hidden.length)
      const divergences = await gradientHead.addDivergences(
        hidden,
        baseHidden,
        coefficients.map((coefficient, i) => ({
          coefficient,
          logSumExp: totals[i],
          baseLogSumExp: baseTotals[i],
        })),
        found,
      )
      const divergence = (state: Float64Array, token: number): number => {
        const ofBase = logits(Float64Array.from(baseHidden.subarray(token * width, (token + 1) * width)))
        return divergenceOf(ofBase, logits(state))
      }
      const expected = slopes(hidden, (state, token) => coefficients[token] * divergence(state, token))
      expect(difference(found, expected)).toBeLessThan(1e-5)
      divergences.forEach((value, token) => {
        const state = Float64Array.from(hidden.subarray(token * width, (token + 1) * width))
        expect(value).toBeCloseTo(divergence(state, token), 5)
      })
    })
  },
)

it('more tokens than one run takes give the same gradients, and add to what is there', async () => {
  const { head, gradientHead } = openHeads({})
  const hidden = randomStates(600)
  const scores = await head.score(
    hidden,
    Array.from({ length: 600 }, (_, i) => i % 64),
  )
  const tokens = scores.map((score, i) => ({ ...score, target: i % 64, coefficient: 1 + (i % 3) }))
  const together = new Float32Array(hidden.length).fill(2)
  await gradientHead.addLogProbabilities(hidden, tokens, together)
  const last = new Float32Array(width)
  await gradientHead.addLogProbabilities(hidden.subarray(599 * width), tokens.slice(599), last)
  expect(
    difference(
      together.subarray(599 * width).map((value) => value - 2),
      last,
    ),
  ).toBeLessThan(1e-5)
})

interface Heads {
  readonly head: VocabularyHead
  readonly gradientHead: VocabularyHeadGradient
  /** The logits of a last hidden state, in float64. */
  readonly logits: (state: Float64Array) => Float64Array
}

function openHeads(options: Partial<TinyModel>): Heads {
  const { model } = openTiny({ layers: 1, width, ...options })
  const device = openCpuDevice({ threads: 1 })
  const head = new VocabularyHead(device, model)
  const gradientHead = new VocabularyHeadGradient(device, model)
  onTestFinished(async () => {
    await head.close()
    await gradientHead.close()
  })
  return { head, gradientHead, logits: referenceHead(model) }
}

function divergenceOf(baseLogits: Float64Array, logits: Float64Array): number {
  const baseTotal = logSumExp(baseLogits)
  const total = logSumExp(logits)
  return baseLogits.reduce((sum, logit, v) => {
    return sum + Math.exp(logit - baseTotal) * (logit - baseTotal - logits[v] + total)
  }, 0)
}

/** Central differences of a sum over tokens at every number of their states. */
function slopes(hidden: Float32Array, loss: (state: Float64Array, token: number) => number): Float64Array {
  const distance = 1e-4
  return Float64Array.from(hidden, (_, index) => {
    const token = Math.floor(index / width)
    const at = (offset: number): number => {
      const state = Float64Array.from(hidden.subarray(token * width, (token + 1) * width))
      state[index % width] += offset
      return loss(state, token)
    }
    return (at(distance) - at(-distance)) / (2 * distance)
  })
}

/** Largest difference, relative to the largest value. */
function difference(found: Float32Array, expected: ArrayLike<number>): number {
  const size = Math.max(...Array.from(expected, Math.abs))
  return Math.max(...found.map((value, i) => Math.abs(value - expected[i]))) / size
}
