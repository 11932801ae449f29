import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import onnxProto from 'onnx-proto'
import { expect, it, onTestFinished } from 'vitest'
import { openOnnx, type OpenOnnx } from '../../../../core/formats/onnx/open-onnx.js'
import { caughtError } from '../../../support/caught-error.js'
import { temporaryFolder } from '../../../support/temporary-folder.js'

const { onnx } = onnxProto
const { EXTERNAL } = onnx.TensorProto.DataLocation
const { FLOAT, UINT4, INT8 } = { FLOAT: 1, UINT4: 21, INT8: 3 }

type TensorFields = onnxProto.onnx.ITensorProto

/** A graph of tensors in a folder of its own, beside a file of 64 bytes called `data`. */
function folderWith(...tensors: readonly TensorFields[]): string {
  const folder = join(temporaryFolder(), 'model')
  mkdirSync(folder)
  const node = { opType: 'MatMul', name: 'm', input: ['x', 'w'], output: ['y'], domain: 'ai.onnx' }
  const bytes = onnx.ModelProto.encode({
    opsetImport: [{ domain: '', version: 21 }],
    graph: { node: [node], initializer: [...tensors] },
  }).finish()
  writeFileSync(join(folder, 'model.onnx'), bytes)
  writeFileSync(
    join(folder, 'data'),
    Uint8Array.from({ length: 64 }, (_, at) => at),
  )
  return folder
}

function openAt(folder: string): OpenOnnx {
  const open = openOnnx(join(folder, 'model.onnx'))
  onTestFinished(open.close)
  return open
}

const beside = (location: string, fields: Readonly<Record<string, string>> = {}): TensorFields => ({
  name: 'w',
  dataType: FLOAT,
  dims: [2, 2],
  dataLocation: EXTERNAL,
  externalData: Object.entries({ location, ...fields }).map(([key, value]) => ({ key, value })),
})

const failureOf = (tensor: TensorFields) => caughtError(() => openAt(folderWith(tensor)).place('w'))

it('reads nodes, and finds data in the graph and beside it', () => {
  const inside = { name: 'i', dataType: UINT4, dims: [3], rawData: Uint8Array.of(0x21, 0x03) }
  const open = openAt(folderWith(beside('data', { offset: '16', length: '16' }), inside))
  expect(open.graph.operatorSet).toBe(21)
  expect(open.graph.nodes[0]).toMatchObject({ operator: 'MatMul', domain: '', inputs: ['x', 'w'] })
  const outside = open.place('w')
  expect(outside).toMatchObject({ dtype: 'F32', shape: [2, 2], offset: 16, byteLength: 16 })
  expect(outside.source.read(outside.offset, 2)).toEqual(Uint8Array.of(16, 17))
  const { source, offset, byteLength, dtype } = open.place('i')
  expect([dtype, [...source.read(offset, byteLength)]]).toEqual(['U4', [0x21, 0x03]])
  expect(open.sources).toHaveLength(2)
})

it.each(['../data', '/etc/passwd', 'C:\\data', 'a/../../data', '', 'a\0b', 'data/'])(
  'does not look for data outside of its folder, %j',
  (location) => {
    const failure = failureOf(beside(location))
    expect(failure).toMatchObject({ code: 'model-malformed', details: { where: "tensor 'w'" } })
    expect(failure.message).toContain("expected data in the model's folder")
  },
)

it('does not follow a link out of its folder', () => {
  const folder = folderWith(beside('link'))
  const secret = join(temporaryFolder(), 'secret')
  writeFileSync(secret, new Uint8Array(64))
  symlinkSync(secret, join(folder, 'link'))
  expect(caughtError(() => openAt(folder).place('w')).message).toContain(
    "expected data in the model's folder",
  )
})

it('follows links of a cache, where graph and data lie in one other folder', () => {
  const folder = folderWith(beside('data'))
  const cache = join(temporaryFolder(), 'snapshot')
  mkdirSync(cache)
  for (const name of ['model.onnx', 'data']) symlinkSync(join(folder, name), join(cache, name))
  expect(openAt(cache).place('w').byteLength).toBe(16)
})

it('refuses data of another length, beyond its file, or that is not there', () => {
  expect(failureOf(beside('data', { length: '12' })).message).toContain(
    'expected 16 bytes for its shape, found 12',
  )
  expect(failureOf(beside('data', { offset: '60' })).message).toContain('60 to 76')
  expect(failureOf(beside('none'))).toMatchObject({ code: 'file-unreadable' })
  expect(failureOf({ name: 'w', dataType: INT8, dims: [1], int32Data: [1] }).message).toContain('raw data')
})

it('refuses a shape that no tensor has, and a tensor that is there twice', () => {
  const twice = { name: 'w', dataType: INT8, dims: [1], rawData: Uint8Array.of(1) }
  expect(caughtError(() => openAt(folderWith(twice, twice))).message).toContain('the graph has it twice')
  const failure = caughtError(() => openAt(folderWith({ ...twice, dims: [-1] })))
  expect(failure).toMatchObject({ code: 'model-malformed' })
})
