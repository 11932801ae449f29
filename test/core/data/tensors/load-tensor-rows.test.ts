import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LoadedDataset } from '../../../../core/data/load-dataset.js'
import { loadingTensorRows, tensorExtensions } from '../../../../core/data/tensors/load-tensor-rows.js'
import { batchAxis, tensorPorts } from '../../../../core/data/tensors/tensor-ports.js'
import { hashData } from '../../../../core/data/hash-data.js'
import type { TensorGraph } from '../../../../core/model/onnx/tensor-graph.js'
import type { TensorTask } from '../../../../core/schema/task.js'
import { caughtError } from '../../../support/caught-error.js'
import { temporaryFolder } from '../../../support/temporary-folder.js'
import { writeRow, type WrittenTensor } from '../../../support/tensor-rows.js'

const graph: TensorGraph = {
  inputs: [
    { name: 'x', dtype: 'F32', shape: ['batch', 'length', 2] },
    { name: 't', dtype: 'I64', shape: ['batch'] },
  ],
  outputs: [{ name: 'y', dtype: 'F32', shape: ['batch', 'length', 4] }],
}
const task: TensorTask = { version: 1, kind: 'tensors' }

const x = (length: number, first = 0): WrittenTensor => ({
  ...{ name: 'x', dtype: 'F32', shape: [1, length, 2] },
  data: Float32Array.from({ length: 2 * length }, (_, index) => first + index),
})
const t: WrittenTensor = { name: 't', dtype: 'I64', shape: [1], data: BigInt64Array.of(7n) }
const y = (length: number): WrittenTensor => ({
  ...{ name: 'y', dtype: 'F16', shape: [1, length, 4], data: new Uint16Array(4 * length) },
})

function folderOf(rows: Readonly<Record<string, readonly WrittenTensor[]>>): string {
  const folder = join(temporaryFolder(), 'rows')
  mkdirSync(folder)
  for (const [name, tensors] of Object.entries(rows)) writeRow(join(folder, name), tensors)
  return folder
}

function load(path: string, choices: { skipBadRows?: boolean; limit?: number } = {}): LoadedDataset {
  const loading = loadingTensorRows({ path, task, graph, skipBadRows: false, limit: Infinity, ...choices })
  let next = loading.next()
  while (next.done !== true) next = loading.next()
  return next.value
}

describe('rows of tensors', () => {
  it('are the safetensors files of a folder in the order of their names', () => {
    const folder = folderOf({
      'b.safetensors': [t, x(3), y(3)],
      'a.safetensors': [x(2), t, y(2), { ...t, name: 'other' }],
    })
    writeFileSync(join(folder, 'notes.txt'), 'not a row')
    const { dataset, columns, task: filled } = load(folder)
    expect(dataset.objective).toEqual({ kind: 'tensors', target: 'y' })
    expect(filled).toEqual({ ...task, target: 'y' })
    expect(columns).toEqual(['x', 't', 'y'])
    expect(dataset.examples).toEqual([
      {
        ...{ kind: 'tensors', path: join(folder, 'a.safetensors'), line: 1, positions: 2 },
        ...{ byteLength: 16 + 8 + 16, layout: 'x 1 2 2\nt 1\ny 1 2 4' },
      },
      {
        ...{ kind: 'tensors', path: join(folder, 'b.safetensors'), line: 2, positions: 3 },
        ...{ byteLength: 24 + 8 + 24, layout: 'x 1 3 2\nt 1\ny 1 3 4' },
      },
    ])
    expect(load(folder, { limit: 1 }).dataset.examples).toHaveLength(1)
  })

  it('are known again by what goes in, and by what should come out', () => {
    const { fingerprints, answers } = load(
      folderOf({
        'a.safetensors': [x(2), t, y(2)],
        'b.safetensors': [x(2), t, { ...y(2), data: new Uint16Array(8).fill(1) }],
        'c.safetensors': [x(2, 1), t, y(2)],
      }),
    ).rows
    expect(fingerprints[0]).toBe(fingerprints[1])
    expect(fingerprints[0]).not.toBe(fingerprints[2])
    expect(answers[0]).toBe(answers[2])
    expect(answers[0]).not.toBe(answers[1])
  })

  it.each<[string, readonly WrittenTensor[], string]>([
    ['a missing tensor', [x(2), y(2)], "expected the tensors 'x', 't', 'y', found no 't'"],
    [
      'another length',
      [{ ...x(2), shape: [1, 1, 4] }, t, y(2)],
      "expected tensor 'x' as F32 [batch, length, 2], found F32 [1, 1, 4]",
    ],
    [
      'another number of axes',
      [{ ...x(2), shape: [2, 2] }, t, y(2)],
      "expected tensor 'x' as F32 [batch, length, 2], found F32 [2, 2]",
    ],
    [
      'two lengths of one name',
      [x(2), t, y(3)],
      "expected tensor 'y' as F32 or F16 [1, 2, 4], found F16 [1, 3, 4]",
    ],
    [
      'another type',
      [x(2), { ...t, dtype: 'F32', data: new Float32Array(1) }, y(2)],
      "expected tensor 't' as I64 [1], found F32 [1]",
    ],
    [
      'whole numbers to come to',
      [x(2), t, { ...t, name: 'y', shape: [1, 1, 4], data: new BigInt64Array(4) }],
      "expected tensor 'y' as F32 or F16 [1, 2, 4], found I64 [1, 1, 4]",
    ],
    [
      'no number',
      [{ ...x(2), data: Float32Array.of(1, 2, NaN, 4) }, t, y(2)],
      "expected finite numbers in tensor 'x', found NaN at index 2",
    ],
    [
      'an infinite half float',
      [x(2), t, { ...y(2), data: Uint16Array.from([0, 0, 0, 0xfc00, 0, 0, 0, 0]) }],
      "expected finite numbers in tensor 'y', found -Infinity at index 3",
    ],
    ['nothing', [{ ...x(0), shape: [1, 0, 2] }, t, y(2)], 'found F32 [1, 0, 2]'],
  ])('with %s are refused', (_, tensors, reason) => {
    const folder = folderOf({ 'a.safetensors': [x(2), t, y(2)], 'b.safetensors': tensors })
    const error = caughtError(() => load(folder))
    expect(error).toMatchObject({ code: 'data-invalid', details: { path: folder, line: 2 } })
    expect(error.message).toContain('b.safetensors: ')
    expect(error.message).toContain(reason)
    const skipped = load(folder, { skipBadRows: true })
    expect([skipped.dataset.examples.length, skipped.skippedCount]).toEqual([1, 1])
  })

  it('that are cut off or no safetensors files are refused', () => {
    const folder = folderOf({ 'a.safetensors': [x(2), t, y(2)] })
    const path = join(folder, 'a.safetensors')
    const bytes = readFileSync(path)
    for (const damaged of [bytes.subarray(0, -1), bytes.subarray(0, 5), Buffer.from('{"x": 1, "y": 2}')]) {
      writeFileSync(path, damaged)
      expect(caughtError(() => load(folder)).code).toBe('data-invalid')
    }
  })

  it('are a folder with at least one of them', () => {
    expect(caughtError(() => load(temporaryFolder())).code).toBe('data-insufficient')
    const file = join(folderOf({ 'a.safetensors': [x(2), t, y(2)] }), 'a.safetensors')
    expect(caughtError(() => load(file)).message).toContain('expected a folder of safetensors files')
  })

  it('are hashed by their names and bytes', () => {
    const rows = { 'a.safetensors': [x(2), t, y(2)] }
    const hash = (folder: string): string => hashData(folder, tensorExtensions)
    expect(hash(folderOf(rows))).toBe(hash(folderOf(rows)))
    expect(hash(folderOf({ 'a.safetensors': [x(2, 1), t, y(2)] }))).not.toBe(hash(folderOf(rows)))
    expect(hash(folderOf({ 'b.safetensors': [x(2), t, y(2)] }))).not.toBe(hash(folderOf(rows)))
  })
})

describe('what a row has of a graph', () => {
  const two = { ...graph, outputs: [...graph.outputs, { name: 'z', dtype: 'F16', shape: null }] }

  it('is one of its outputs, which is named where there are several', () => {
    expect(tensorPorts(two, { target: 'z' }).target.name).toBe('z')
    expect(caughtError(() => tensorPorts(two, task)).message).toContain("several outputs ('y', 'z')")
    expect(caughtError(() => tensorPorts(graph, { target: 'w' })).message).toContain("no output 'w'")
  })

  it('has an axis for a batch where the first of all has one name', () => {
    const ports = tensorPorts(graph, task)
    expect(batchAxis(ports)).toBe('batch')
    const fixed = { name: 't', dtype: 'I64', shape: [1] }
    const scalar = { name: 't', dtype: 'I64', shape: [] }
    for (const other of [fixed, scalar]) {
      expect(batchAxis({ ...ports, inputs: [ports.inputs[0], other] })).toBeNull()
    }
    expect(batchAxis(tensorPorts(two, { target: 'z' }))).toBeNull()
  })
})
