import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import onnxProto from 'onnx-proto'
import { expect, it, onTestFinished } from 'vitest'
import { bytesSource } from '../../../../core/formats/byte-source.js'
import { openOnnx } from '../../../../core/formats/onnx/open-onnx.js'
import { readOnnx } from '../../../../core/formats/onnx/read-onnx.js'
import { rewriteOnnx, type OnnxEdits } from '../../../../core/formats/onnx/rewrite-onnx.js'
import { openCpuDevice } from '../../../../core/runtime/ort-device.js'
import { temporaryFolder } from '../../../support/temporary-folder.js'

const { onnx } = onnxProto
const FLOAT = 1
const HALF = 10
const length = 300

const value = (name: string) => ({
  name,
  type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimValue: length }] } } },
})
const numbers = (of: (index: number) => number) =>
  new Uint8Array(Float32Array.from({ length }, (_, index) => of(index)).buffer)

/** y = x · a · (b as float32), with a and b constants, and an input beside the constants as older files have it. */
function writeProduct(): string {
  const path = join(temporaryFolder(), 'model', 'product.onnx')
  mkdirSync(dirname(path))
  const halves = Uint8Array.from({ length: 2 * length }, (_, byte) => (byte % 2 === 0 ? 0 : 0x40))
  const cast = { name: 'to', type: onnx.AttributeProto.AttributeType.INT, i: FLOAT }
  const bytes = onnx.ModelProto.encode({
    irVersion: 9,
    opsetImport: [{ domain: '', version: 19 }],
    graph: {
      name: 'product',
      node: [
        { opType: 'Mul', name: 'm', input: ['x', 'a'], output: ['xa'] },
        { opType: 'Cast', name: 'c', input: ['b'], output: ['floats'], attribute: [cast] },
        { opType: 'Mul', name: 'n', input: ['xa', 'floats'], output: ['y'] },
      ],
      input: [value('x'), value('a')],
      output: [value('y')],
      initializer: [
        { name: 'a', dataType: FLOAT, dims: [length], rawData: numbers((index) => index) },
        { name: 'b', dataType: HALF, dims: [length], rawData: halves },
      ],
    },
  }).finish()
  writeFileSync(path, bytes)
  return path
}

const plain: OnnxEdits = {
  promoted: [],
  attribute: { operator: 'Cast', name: 'saturate', value: 1 },
  added: {},
  locationOf: () => 'product.onnx',
  outputs: [value('y')],
}

async function products(edits: OnnxEdits, inputs: Readonly<Record<string, Float32Array>>): Promise<number[]> {
  const open = openOnnx(writeProduct())
  onTestFinished(open.close)
  const graph = rewriteOnnx(open.sources[0], edits)
  expect(graph.byteLength).toBeLessThan(1000)
  const session = await openCpuDevice({ threads: 1 }).open(graph, { dataFolder: dirname(open.path) })
  const data = new Float32Array(length)
  const tensor = (values: Float32Array) => ({ type: 'float32' as const, shape: [length], data: values })
  try {
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, each]) => [name, tensor(each)]))
    await session.run(feeds, { y: tensor(data) })
  } finally {
    await session.close()
  }
  return [...data.subarray(0, 4)]
}

const ones = new Float32Array(length).fill(1)

it('takes data from where it is in the file', async () => {
  expect(await products(plain, { x: ones })).toEqual([0, 2, 4, 6])
})

it('makes inputs of constants, halves among them', async () => {
  const promoted = ['a', 'b'].map((name) => ({ name, dtype: name === 'a' ? 'F32' : 'F16', shape: [length] }))
  const inputs = { x: ones, a: ones, 'b.float32': new Float32Array(length).fill(1 + 2 ** -12) }
  expect(await products({ ...plain, promoted }, inputs)).toEqual([1, 1, 1, 1])
  const third = new Float32Array(length).fill(3)
  expect(await products({ ...plain, promoted }, { x: ones, a: third, 'b.float32': third })).toEqual([
    9, 9, 9, 9,
  ])
})

it('gives an attribute to the nodes of one operator, and adds nodes and outputs', () => {
  const open = openOnnx(writeProduct())
  onTestFinished(open.close)
  const node = [{ opType: 'Neg', name: 'added', input: ['y'], output: ['z'] }]
  const rewritten = rewriteOnnx(open.sources[0], { ...plain, added: { node }, outputs: [value('z')] })
  const graph = readOnnx(bytesSource(rewritten, 'rewritten'))
  expect(graph.nodes.map(({ operator }) => operator)).toEqual(['Mul', 'Cast', 'Mul', 'Neg'])
  expect(graph.nodes[1].attributes).toEqual(new Map(Object.entries({ to: FLOAT, saturate: 1 })))
  expect(graph.outputs.map(({ name }) => name)).toEqual(['z'])
  expect(graph.inputs).toEqual(open.graph.inputs)
  expect(graph.operatorSet).toBe(19)
  expect(graph.tensors.get('a')?.place).toMatchObject({ kind: 'beside', location: 'product.onnx' })
})
