import onnxProto from 'onnx-proto'
import type { Device, PlacedTensor, PlacedTensors, Session, Tensor } from '../../core/runtime/device.js'

const { onnx } = onnxProto
const types = { float32: 1, uint8: 2 } as const

/** How a product with constant weights is computed. */
export interface ConstantKernel {
  /** `accuracy_level` of MatMulNBits: 1 keeps activations in floats, 4 rounds them to 8 bits. */
  readonly accuracyLevel: 1 | 4
  /** Zero points of 8, the middle of 4-bit codes: as floats, as packed codes, or left out. */
  readonly zeroPoints: 'float32' | 'uint8' | 'none'
}

/**
 * A device whose block graphs have their weights as constants, which onnxruntime lays out for its kernels once: a session for
 * each layer in place of one for all, told apart by the arrays of its codes.
 */
export function constantWeights(device: Device, kernel: ConstantKernel): Device {
  return {
    ...device,
    open: async (graph, options) => {
      if (typeof graph === 'string') return device.open(graph, options)
      const byCodes = new Map<PlacedTensor['data'], Promise<Session>>()
      return {
        run: async (inputs, outputs) => {
          const { data } = inputs['attn_q.codes'] ?? Object.values(inputs)[0]
          const opened = byCodes.get(data) ?? device.open(withConstants(graph, inputs, kernel), options)
          byCodes.set(data, opened)
          return (await opened).run(withoutWeights(inputs), outputs)
        },
        close: async () => {
          for (const opened of byCodes.values()) await (await opened).close()
        },
      }
    },
  }
}

function isWeight(name: string): boolean {
  return /\.(codes|scales|zeroPoints)$/.test(name) && !name.startsWith('output.')
}

function withoutWeights(inputs: PlacedTensors): PlacedTensors {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !isWeight(name)))
}

function withConstants(graph: Uint8Array, inputs: PlacedTensors, kernel: ConstantKernel): Uint8Array {
  const model: onnxProto.onnx.IModelProto = onnx.ModelProto.decode(graph)
  const { input = [], node = [] } = model.graph ?? {}
  const isZeroPoint = (name: string): boolean => name.endsWith('.zeroPoints')
  const constants = (input ?? [])
    .flatMap(({ name }) => (name != null && isWeight(name) ? [name] : []))
    .filter((name) => kernel.zeroPoints !== 'none' || !isZeroPoint(name))
  const changed = (node ?? []).map((each) => {
    if (each.opType !== 'MatMulNBits') return each
    const kept = (each.attribute ?? []).filter(({ name }) => name !== 'accuracy_level')
    const level = {
      name: 'accuracy_level',
      type: onnx.AttributeProto.AttributeType.INT,
      i: kernel.accuracyLevel,
    }
    const given = kernel.zeroPoints === 'none' ? each.input?.slice(0, 3) : each.input
    return { ...each, input: given ?? [], attribute: [...kept, level] }
  })
  return onnx.ModelProto.encode({
    ...model,
    graph: {
      ...model.graph,
      node: changed,
      input: (input ?? []).filter(({ name }) => name == null || !isWeight(name)),
      initializer: [
        ...(model.graph?.initializer ?? []),
        ...constants.map((name) => {
          const tensor = inputs[name] as Tensor
          return isZeroPoint(name) && kernel.zeroPoints === 'uint8'
            ? packedMiddles(name, tensor)
            : constant(name, tensor)
        }),
      ],
    },
  }).finish()
}

function constant(name: string, { type, shape, data }: Tensor): onnxProto.onnx.ITensorProto {
  if (type !== 'float32' && type !== 'uint8') throw new Error(`'${name}' is no weight`)
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return { name, dims: [...shape], dataType: types[type], rawData: bytes }
}

/** 8 for every block, two a byte, each row on its own. */
function packedMiddles(name: string, { shape, data }: Tensor): onnxProto.onnx.ITensorProto {
  if (!(data instanceof Float32Array) || data.some((value) => value !== 8)) {
    throw new Error(`the zero points '${name}' are not all 8`)
  }
  const [rows, blocks] = shape
  const bytes = Math.ceil(blocks / 2)
  return {
    name,
    dims: [rows, bytes],
    dataType: types.uint8,
    rawData: new Uint8Array(rows * bytes).fill(0x88),
  }
}
