import { expect, it } from 'vitest'
import { ropeTables } from '../../../../core/engine/rope-tables.js'
import { attention } from '../../../../core/graph/operators/attention.js'
import { rotate } from '../../../../core/graph/operators/rotary.js'
import type { LinearName, RopeDescription } from '../../../../core/model/description.js'
import type { Tensors } from '../../../../core/runtime/device.js'
import { plainRope } from '../../../support/plain-description.js'
import { allBelow, operatorErrors } from '../../../support/operator-gradients.js'
import { referenceAttention } from '../../../support/reference-model.js'

const [batch, sequence, headWidth] = [2, 7, 32]
const layouts = ['interleaved', 'halves'] as const

function ropeOf(layout: RopeDescription['layout'], dimensions: number): RopeDescription {
  return { ...plainRope(dimensions, layout), base: 100 }
}

function positionTensors(rope: RopeDescription): Tensors {
  const { cosines, sines } = ropeTables(rope, sequence)
  const shape = [sequence, rope.dimensions / 2]
  return {
    lastPositions: { type: 'int32', data: new Int32Array(batch).fill(sequence - 1), shape: [batch] },
    totalLength: { type: 'int32', data: Int32Array.of(sequence), shape: [1] },
    cosines: { type: 'float32', data: cosines, shape },
    sines: { type: 'float32', data: sines, shape },
  }
}

/** What a case of attention does otherwise than llama. */
interface Case {
  readonly layout: RopeDescription['layout'] | 'none'
  readonly chunks: number
  readonly headCount: number
  readonly kvHeadCount: number
  readonly window: number | null
  readonly attentionScale: number
  readonly attentionSoftCap: number | null
}

const plain = { window: null, attentionScale: 1 / Math.sqrt(headWidth), attentionSoftCap: null }
const cases: Case[] = [
  ...layouts.flatMap((layout) =>
    [1, 3, 7].map((chunks) => ({
      ...plain,
      layout,
      chunks,
      headCount: 4,
      kvHeadCount: chunks === 7 ? 1 : 2,
    })),
  ),
  ...[1, 3].flatMap((chunks) => {
    const heads = { chunks, headCount: 4, kvHeadCount: 2 }
    return [
      { ...plain, ...heads, layout: 'none' as const },
      { ...plain, ...heads, layout: 'halves' as const, window: 2 },
      { ...plain, ...heads, layout: 'halves' as const, window: 4 },
      {
        ...plain,
        ...heads,
        layout: 'halves' as const,
        attentionScale: 0.7,
        attentionSoftCap: 1.5,
        window: 2,
      },
    ]
  }),
]

it.each(cases)(
  'attention of $headCount heads over $kvHeadCount has the gradients of its equation, $layout, $chunks chunks, window $window, cap $attentionSoftCap',
  async ({ layout, chunks, ...options }) => {
    const used = ropeOf(layout === 'none' ? 'halves' : layout, chunks === 3 ? 16 : headWidth)
    const rope = layout === 'none' ? null : used
    const { headCount, kvHeadCount } = options
    const model = { ...options, headWidth, rope }
    const positions = {
      lastPositions: 'lastPositions',
      totalLength: 'totalLength',
      cosines: 'cosines',
      sines: 'sines',
    }
    const errors = await operatorErrors({
      inputs: {
        queries: [batch, sequence, headCount * headWidth],
        keys: [batch, sequence, kvHeadCount * headWidth],
        values: [batch, sequence, kvHeadCount * headWidth],
      },
      constants: positionTensors(used),
      outputShape: [batch, sequence, headCount * headWidth],
      build: (tape) => {
        const heads = { queries: 'queries', keys: 'keys', values: 'values' }
        return attention(tape, model, heads, positions, { past: null, gradientChunks: chunks }).output
      },
      reference: ({ queries, keys, values }) => {
        const inputs: Partial<Record<LinearName, Float64Array>> = {
          attn_q: queries,
          attn_k: keys,
          attn_v: values,
        }
        return Array.from({ length: batch }, (_, example) => {
          const tokens = Array.from({ length: sequence }, (_, position) =>
            Float64Array.of(example * sequence + position),
          )
          return referenceAttention(model, tokens, ([token], name) => {
            const all = inputs[name] ?? new Float64Array(0)
            const width = all.length / (batch * sequence)
            return all.subarray(token * width, (token + 1) * width)
          }).flatMap((output) => [...output])
        }).flat()
      },
    })
    expect(errors).toSatisfy(allBelow(5e-6))
  },
)

it.each(layouts)('rotating forward and back changes nothing, %s', async (layout) => {
  const rope = ropeOf(layout, 16)
  const tables = { cosines: 'cosines', sines: 'sines' }
  const shape = [batch, sequence, 2 * headWidth]
  const { cosines, sines } = positionTensors(rope)
  const errors = await operatorErrors({
    inputs: { x: shape },
    constants: { cosines, sines },
    outputShape: shape,
    build: (tape) => {
      const there = rotate(tape, 'x', 2, rope, tables, 'forward')
      const back = rotate(tape, there, 2, rope, tables, 'inverse')
      return tape.differentiable(back, ['x'], (gradient) => [() => gradient])
    },
    reference: ({ x }) => x,
  })
  expect(errors).toSatisfy(allBelow(1e-6))
})
