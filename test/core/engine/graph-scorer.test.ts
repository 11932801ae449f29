import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { LabelExample, Objective, PairExample, SequenceExample } from '../../../core/data/example.js'
import { loadModel } from '../../../core/engine/loaded-model.js'
import { openScorer } from '../../../core/engine/open-scorer.js'
import { GraphScorer } from '../../../core/engine/graph-scorer.js'
import { isTensorGraph, type GraphModel } from '../../../core/engine/graph-model.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { genaiFolder, genaiModels } from '../../support/genai-models.js'
import { graphFolder, neoxLogits, openedGraph } from '../../support/graph-models.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

/** Nats: sums of float32 in another order. */
const tolerance = 2e-5

async function scorerOf(model: GraphModel, objective: Objective, tokensPerRun = 512): Promise<GraphScorer> {
  const device = openCpuDevice({ threads: 1 })
  if (isTensorGraph(model)) throw new Error('a graph of tokens')
  const scorer = await GraphScorer.open({ model, objective, tokensPerRun }, device)
  onTestFinished(() => scorer.close())
  return scorer
}

function tokensOf(length: number, line: number): Int32Array {
  return Int32Array.from({ length }, (_, index) => (7 * index + 5 * line) % 64)
}

/** Log-probabilities of every token after each of `tokens`, by the graph itself. */
async function expectedRows(folder: string, tokens: Int32Array): Promise<Float64Array[]> {
  const logits = await neoxLogits(folder, [...tokens])
  return [...tokens].map((_, position) => {
    const row = Float64Array.from(logits.subarray(position * 64, (position + 1) * 64))
    const total = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0))
    return row.map((logit) => logit - total)
  })
}

describe('losses by a graph', () => {
  it('are those of the logits that onnxruntime gives for it, of rows alone and of padded ones', async () => {
    const folder = graphFolder('neox')
    const { model } = openedGraph(folder)
    const examples = [5, 12, 9].map((length, line): SequenceExample => {
      const scored = Uint8Array.from({ length }, (_, position) => position % 2)
      return { kind: 'sequence', tokens: tokensOf(length, line), scored, line }
    })
    const expected = await Promise.all(
      examples.map(async ({ tokens, scored }) => {
        const rows = await expectedRows(folder, tokens)
        const losses = [...tokens].flatMap((token, at) => (scored[at] === 1 ? [-rows[at - 1][token]] : []))
        return losses.reduce((sum, loss) => sum + loss, 0) / losses.length
      }),
    )
    for (const tokensPerRun of [1, 512]) {
      const scores = await (await scorerOf(model, { kind: 'text' }, tokensPerRun)).score(examples, () => null)
      scores.forEach(({ loss }, index) => expect(loss).toBeCloseTo(expected[index], 5))
    }
  })

  it('of labels compare their tokens after the prompt', async () => {
    const folder = graphFolder('neox')
    const { model } = openedGraph(folder)
    const options = [11, 3, 40].map((token) => ({ name: `${token}`, text: `${token}`, tokens: [token] }))
    const scorer = await scorerOf(model, { kind: 'labels', options })
    const examples = [6, 9].map((length, line): LabelExample => {
      return { kind: 'label', tokens: tokensOf(length, line), label: line, line }
    })
    const scores = await scorer.score(examples, () => null)
    for (const [index, { tokens, label }] of examples.entries()) {
      const last = (await expectedRows(folder, tokens)).at(-1)
      const chosen = options.map(({ tokens: [token] }) => last?.[token] ?? 0)
      const total = Math.log(chosen.reduce((sum, value) => sum + Math.exp(value), 0))
      expect(Math.abs(scores[index].loss - (total - chosen[label]))).toBeLessThan(tolerance)
      expect(scores[index].prediction).toBe(chosen.indexOf(Math.max(...chosen)))
    }
  })

  it('of pairs compare the answers', async () => {
    const folder = graphFolder('neox')
    const { model } = openedGraph(folder)
    const pair: PairExample = {
      ...{ kind: 'pair', promptLength: 4, chosenLength: 3, line: 1 },
      tokens: tokensOf(9, 2),
    }
    const scorer = await scorerOf(model, { kind: 'preference', beta: 0.5 })
    const [{ margin }] = await scorer.score([pair], () => null)
    const sumOf = async (answer: readonly number[]): Promise<number> => {
      const prompt = [...pair.tokens.subarray(0, 4)]
      const rows = await expectedRows(folder, Int32Array.from([...prompt, ...answer]))
      return answer.reduce((sum, token, index) => sum + rows[3 + index][token], 0)
    }
    const chosen = await sumOf([...pair.tokens.subarray(4, 7)])
    const rejected = await sumOf([...pair.tokens.subarray(7)])
    expect(Math.abs((margin ?? NaN) - (chosen - rejected))).toBeLessThan(1e-4)
  })
})

it.each(genaiModels.filter((name) => name !== 'mistral-float'))(
  'has the losses of our own blocks by the graph of onnxruntime-genai, were it of a type that is not known (%s)',
  async (name) => {
    const folder = genaiFolder(name)
    const known = loadModel(folder)
    onTestFinished(() => known.close())
    const config = join(folder, 'genai_config.json')
    writeFileSync(config, readFileSync(config, 'utf8').replace(/"type": "\w+"/, '"type": "other"'))
    const examples = [9, 15].map((length): SequenceExample => {
      return {
        kind: 'sequence',
        line: 1,
        tokens: tokensOf(length, 1),
        scored: new Uint8Array(length).fill(1),
      }
    })
    const device = openCpuDevice({ threads: 1 })
    const { scorer, close } = openScorer(device, known, { kind: 'text' })
    onTestFinished(close)
    const expected = await scorer.score(examples, () => null)
    const found = await (
      await scorerOf(openedGraph(folder).model, { kind: 'text' })
    ).score(examples, () => null)
    found.forEach(({ loss }, index) => expect(loss).toBeCloseTo(expected[index].loss, 4))
  },
)

it('runs a graph that is linked to, as a hub has it', async () => {
  const folder = graphFolder('neox')
  const links = join(temporaryFolder(), 'links')
  mkdirSync(links)
  for (const name of readdirSync(folder)) symlinkSync(join(folder, name), join(links, name))
  const [direct, linked] = [openedGraph(folder), openedGraph(links)]
  expect(linked.sha256).toBe(direct.sha256)
  const example: SequenceExample = {
    ...{ kind: 'sequence', line: 1 },
    ...{ tokens: tokensOf(9, 1), scored: new Uint8Array(9).fill(1) },
  }
  const [expected, found] = await Promise.all(
    [direct, linked].map(async ({ model }) =>
      (await scorerOf(model, { kind: 'text' })).score([example], () => null),
    ),
  )
  expect(found).toEqual(expected)
})

it('finds the scales of each operator, once', () => {
  const { model } = openedGraph(graphFolder('neox'))
  const ofLayer = (layer: number) => [
    [`layers.${layer}.attention.query_key_value.weight_scales`, [192]],
    [`layers.${layer}.attention.dense.weight_scales`, [32]],
    [`layers.${layer}.mlp.dense_h_to_4h.weight_scales`, [256]],
    [`layers.${layer}.mlp.dense_4h_to_h.weight_scale`, [8, 32]],
  ]
  expect(model.scales.map(({ name, shape }) => [name, shape])).toEqual([
    ['embed_in.scales', [64, 2]],
    ...ofLayer(0),
    ...ofLayer(1),
    ['embed_out.weight_scales', [64]],
  ])
  expect(model.scales.map(({ tensor }) => tensor.dtype).filter((type) => type === 'F16')).toHaveLength(1)
})
