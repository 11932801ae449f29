import type { RowTensor, TensorRow } from '../data/tensors/read-tensor-row.js'
import { halfToFloat } from '../quantization/half-float.js'
import type { Tensor, Tensors, TensorType } from '../runtime/device.js'

/** Rows of equal shapes beside each other, as one run of a graph takes them. */
export interface TensorBatch {
  readonly inputs: Tensors
  /** Of the target. */
  readonly shape: readonly number[]
  /** What each row should come to. */
  readonly targets: readonly Float32Array[]
}

const types: Readonly<Record<string, TensorType>> = {
  F32: 'float32',
  F16: 'float16',
  I64: 'int64',
  I32: 'int32',
  U8: 'uint8',
}

/** Puts rows one after the other along the first axis of each tensor. @param rows of equal shapes, one at least */
export function tensorBatch(rows: readonly TensorRow[]): TensorBatch {
  const [first] = rows
  const inputs = first.inputs.map(({ name, dtype, shape }, index) => {
    const tensor = tensorOf(
      types[dtype],
      joined(rows.map((row) => row.inputs[index])),
      repeated(shape, rows.length),
    )
    return [name, tensor] as const
  })
  return {
    inputs: Object.fromEntries(inputs),
    shape: repeated(first.target.shape, rows.length),
    targets: rows.map(({ target }) => floatsOf(target)),
  }
}

function joined(tensors: readonly RowTensor[]): ArrayBuffer {
  if (tensors.length === 1) return tensors[0].bytes.buffer
  const bytes = new Uint8Array(tensors.reduce((sum, each) => sum + each.bytes.byteLength, 0))
  let offset = 0
  for (const each of tensors) {
    bytes.set(each.bytes, offset)
    offset += each.bytes.byteLength
  }
  return bytes.buffer
}

/** A shape with its first axis so many times as long. */
function repeated(shape: readonly number[], count: number): number[] {
  return shape.map((length, axis) => (axis === 0 ? length * count : length))
}

function tensorOf(type: TensorType, buffer: ArrayBuffer, shape: readonly number[]): Tensor {
  switch (type) {
    case 'float32':
      return { type, shape, data: new Float32Array(buffer) }
    case 'float16':
      return { type, shape, data: new Uint16Array(buffer) }
    case 'int64':
      return { type, shape, data: new BigInt64Array(buffer) }
    case 'int32':
      return { type, shape, data: new Int32Array(buffer) }
    case 'uint8':
      return { type, shape, data: new Uint8Array(buffer) }
  }
}

function floatsOf({ dtype, bytes }: RowTensor): Float32Array {
  if (dtype === 'F32') return new Float32Array(bytes.buffer)
  return Float32Array.from(new Uint16Array(bytes.buffer), halfToFloat)
}
