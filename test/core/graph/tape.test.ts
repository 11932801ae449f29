import onnxProto from 'onnx-proto'
import { expect, it } from 'vitest'
import { Tape } from '../../../core/graph/tape.js'

it('leaves out nodes and constants that no output needs', () => {
  const tape = new Tape()
  const x = tape.input('x', 'float32', [2])
  const used = tape.node('Mul', [x, tape.float32(3)])
  tape.node('Mul', [used, tape.float32(5)])
  tape.output('y', used, 'float32')
  const { graph } = onnxProto.onnx.ModelProto.decode(tape.build('graph'))
  expect(graph?.node?.map(({ opType }) => opType)).toEqual(['Mul', 'Identity'])
  expect(graph?.initializer).toHaveLength(1)
})
