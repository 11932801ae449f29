import onnxProto from 'onnx-proto'
import type { ByteSource } from '../byte-source.js'
import { int64 } from './int64.js'
import type { MessageField } from './message-fields.js'
import { elementName, type OnnxValue } from './onnx-graph.js'

const { onnx } = onnxProto

/** Name, type and lengths take some hundred bytes. */
const mostValueBytes = 2 ** 14

/** Reads what a graph says of one of its inputs or outputs. Throws RangeError, and as the protobuf library does. */
export function readValue(source: ByteSource, { valueStart, end }: MessageField): OnnxValue {
  if (end - valueStart > mostValueBytes) {
    throw new RangeError(`what the graph says of a value has over ${mostValueBytes} bytes`)
  }
  const { name, type } = onnx.ValueInfoProto.decode(source.read(valueStart, end - valueStart))
  const tensor = type?.tensorType ?? null
  const dimensions = tensor?.shape?.dim ?? null
  return {
    name,
    dtype: tensor === null ? '' : elementName(tensor.elemType ?? 0),
    shape:
      dimensions?.map(({ dimValue, dimParam }) => (dimValue == null ? (dimParam ?? '') : int64(dimValue))) ??
      null,
  }
}
