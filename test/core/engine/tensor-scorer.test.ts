import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import onnxProto from 'onnx-proto'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { TensorExample } from '../../../core/data/example.js'
import { isTensorGraph, type GraphModel } from '../../../core/engine/graph-model.js'
import { meanSquaredError } from '../../../core/engine/mean-squared-error.js'
import { tensorRuns } from '../../../core/engine/tensor-runs.js'
import { TensorScorer } from '../../../core/engine/tensor-scorer.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { loadRows } from '../../../core/training/load-rows.js'
import { goldenGraphFolder, openedGraph } from '../../support/graph-models.js'
import { ditErrors, inputsOfRows, perturbedDit, writeDitRows } from '../../support/tensor-rows.js'

const { onnx } = onnxProto
/** Relative: sums of float32 in another order. */
const tolerance = 1e-4

function modelIn(folder: string) {
  const open = openedGraph(folder)
  const { model } = open
  if (!isTensorGraph(model)) throw new Error('a graph without tokens')
  return { open, model }
}

async function scoresOf(folder: string, rows: string, positionsPerRun: number): Promise<number[]> {
  const { open, model } = modelIn(folder)
  const request = {
    ...{ path: rows, task: { version: 1, kind: 'tensors' } as const, tokenizer: open.tokenizer },
    ...{ contextLength: Infinity, purpose: 'train' as const },
  }
  const { dataset } = loadRows(request, open)
  const options = { model, objective: dataset.objective, positionsPerRun }
  const scorer = await TensorScorer.open(options, openCpuDevice({ threads: 1 }))
  onTestFinished(() => scorer.close())
  return (await scorer.score(dataset.examples, () => null)).map(({ loss }) => loss)
}

/** Gives the first axis of all that goes in and comes out a length. */
function fixBatch(folder: string): void {
  const path = join(folder, 'model.onnx')
  const model = onnx.ModelProto.decode(readFileSync(path))
  for (const value of [...(model.graph?.input ?? []), ...(model.graph?.output ?? [])]) {
    const first = value.type?.tensorType?.shape?.dim?.at(0)
    if (first?.dimParam === 'batch') Object.assign(first, { dimParam: null, dimValue: 1 })
  }
  writeFileSync(path, onnx.ModelProto.encode(model).finish())
}

describe('the mean squared error of a graph', () => {
  it('is that of what onnxruntime makes of the rows, together or one by one', async () => {
    const [folder, teacher] = [goldenGraphFolder('dit'), perturbedDit(0.2, 5)]
    const rows = await writeDitRows(teacher, 9, 1)
    const expected = await ditErrors(folder, teacher, inputsOfRows(9, 1))
    expect(Math.min(...expected)).toBeGreaterThan(1e-4)
    for (const positionsPerRun of [1, 9, 512]) {
      const found = await scoresOf(folder, rows, positionsPerRun)
      found.forEach((loss, row) => expect(Math.abs(loss / expected[row] - 1)).toBeLessThan(tolerance))
    }
    const fixed = goldenGraphFolder('dit')
    fixBatch(fixed)
    const found = await scoresOf(fixed, rows, 512)
    found.forEach((loss, row) => expect(Math.abs(loss / expected[row] - 1)).toBeLessThan(tolerance))
  })

  it('is nothing but rounding at the graph that made the rows', async () => {
    const teacher = perturbedDit(0.2, 5)
    const found = await scoresOf(teacher, await writeDitRows(teacher, 3, 2), 512)
    expect(Math.max(...found)).toBeLessThan(1e-10)
  })

  it('is a mean over all numbers, in float64', () => {
    expect(meanSquaredError(Float32Array.of(1, 2, 4), Float32Array.of(1, 0, 1))).toBe(13 / 3)
    const small = 2 ** -30
    const [ones, output] = [new Float32Array(2), Float32Array.of(1, small)]
    expect(meanSquaredError(output, ones)).toBe((1 + small ** 2) / 2)
  })
})

describe('runs of rows', () => {
  const row = (layout: string, positions: number): TensorExample => ({
    ...{ kind: 'tensors', path: '', line: 0, byteLength: 0, layout, positions },
  })
  const cut = (together: boolean) =>
    tensorRuns([row('a', 2), row('a', 2), row('a', 2), row('b', 9), row('b', 1), row('a', 1)], 4, together)

  it('have equal layouts and at most so many positions', () => {
    expect(cut(true).map((run) => run.map(({ layout, positions }) => `${layout}${positions}`))).toEqual([
      ['a2', 'a2'],
      ['a2'],
      ['b9'],
      ['b1'],
      ['a1'],
    ])
  })

  it('have one row where rows cannot stand beside each other', () => {
    expect(cut(false).map(({ length }) => length)).toEqual([1, 1, 1, 1, 1, 1])
  })
})

it('finds the scales of each operator', () => {
  const model: GraphModel = modelIn(goldenGraphFolder('dit')).model
  expect(model.description).toMatchObject({ contextLength: Infinity, vocabularySize: null })
  expect(model.scales).toHaveLength(16)
})
