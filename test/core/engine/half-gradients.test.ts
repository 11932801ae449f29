import { expect, it } from 'vitest'
import type { Objective } from '../../../core/data/example.js'
import {
  differentiate,
  factorTable,
  labelExamples,
  sequenceExamples,
  type FactorTable,
} from '../../support/differentiated-model.js'
import { openTiny } from '../../support/open-tiny.js'

const lengths = [7, 3, 12, 5]
const labels: Objective = {
  kind: 'labels',
  options: [5, 60, 17].map((token, index) => ({ name: `${index}`, text: `${index}`, tokens: [token] })),
}
const batch = labelExamples(lengths, 64, 3)
const text = sequenceExamples(lengths, 64)

function numbersOf(table: FactorTable, named = ''): number[] {
  return [...table.values()].flatMap((vectors) =>
    Object.entries(vectors).flatMap(([name, values]) => (name.startsWith(named) ? [...values] : [])),
  )
}

/** ‖found − expected‖ / ‖expected‖ */
function relativeError(found: FactorTable, expected: FactorTable, named = ''): number {
  const [x, y] = [numbersOf(found, named), numbersOf(expected, named)]
  return Math.hypot(...x.map((value, i) => value - y[i])) / Math.hypot(...y)
}

it.each(['Q4_1', 'Q4_0', 'Q8_0', 'F16'] as const)(
  'gradients in half floats are those in floats to half a percent (%s)',
  async (type) => {
    const { model } = openTiny({ type, layers: 4 })
    const table = factorTable(model.description, 0, 4)
    const exact = await differentiate(model, labels).gradient(batch, table)
    const halves = { precision: 'float16', lossScale: 2 ** 16 } as const
    const found = await differentiate(model, labels, halves).gradient(batch, table)
    expect(Math.abs(found.loss / exact.loss - 1)).toBeLessThan(1e-3)
    expect(found.loss).not.toBe(exact.loss)
    const error = relativeError(found.gradient, exact.gradient)
    expect(error).toBeGreaterThan(1e-5)
    expect(error).toBeLessThan(5e-3)
  },
)

it('a scale that is a power of two changes no bit of gradients in floats', async () => {
  const { model } = openTiny()
  const table = factorTable(model.description, 0, 2)
  const plain = differentiate(model, { kind: 'text' })
  const scaled = differentiate(model, { kind: 'text' }, { lossScale: 2 ** 12 })
  expect(await scaled.gradient(text, table)).toEqual(await plain.gradient(text, table))
  expect(await scaled.divergence(text, 3, table)).toEqual(await plain.divergence(text, 3, table))
})

it('what enters a layer has its own gradient, whatever the scale', async () => {
  const { model } = openTiny()
  const entering = async (lossScale: number): Promise<Float32Array[]> => {
    const { engine } = differentiate(model, labels)
    const found: Float32Array[] = []
    await engine.gradients(
      batch,
      () => null,
      () => ['hidden'],
      (_, { hidden }) => found.push(hidden.slice()),
      { lossScale },
    )
    return found
  }
  const plain = await entering(1)
  expect(plain.length).toBe(2)
  expect(plain.every((values) => values.some((value) => value !== 0))).toBe(true)
  expect(await entering(2 ** 20)).toEqual(plain)
})

it('small gradients are lost in half floats, and not where they are scaled on their way', async () => {
  const { model } = openTiny()
  const table = factorTable(model.description, 0, 2)
  // As of a loss that hardly counts: each part is far below the smallest half float.
  const weight = 1e-7
  const exact = await differentiate(model, labels).divergence(text, weight, table)
  const lost = await differentiate(model, labels, { precision: 'float16' }).divergence(text, weight, table)
  const halves = { precision: 'float16', lossScale: 2 ** 24 } as const
  const kept = await differentiate(model, labels, halves).divergence(text, weight, table)
  // The factors of queries are reached through a product; those of the last product of a block are not.
  expect(numbersOf(lost.gradient, 'attn_q').every((value) => value === 0)).toBe(true)
  expect(numbersOf(exact.gradient, 'attn_q').some((value) => value !== 0)).toBe(true)
  expect(relativeError(kept.gradient, exact.gradient, 'attn_q')).toBeLessThan(1e-2)
  expect(relativeError(kept.gradient, exact.gradient)).toBeLessThan(1e-2)
})

it('a scale that is too large leaves gradients that are no numbers, and the loss as it is', async () => {
  const { model } = openTiny()
  const table = factorTable(model.description, 0, 2)
  const subject = (lossScale: number) => differentiate(model, labels, { precision: 'float16', lossScale })
  const found = await subject(2 ** 40).gradient(batch, table)
  expect(numbersOf(found.gradient).every(Number.isFinite)).toBe(false)
  expect(found.loss).toBe((await subject(1).gradient(batch, table)).loss)
})
