import onnxProto from 'onnx-proto'
import type { ByteSource } from '../byte-source.js'
import { int64 } from './int64.js'
import { fieldsOf, type MessageField } from './message-fields.js'
import { elementName, tensorBytes, type OnnxTensor, type OnnxTensorPlace } from './onnx-graph.js'

const { onnx } = onnxProto
const { EXTERNAL } = onnx.TensorProto.DataLocation

/** The field of raw bytes, and those of numbers by their type, in onnx.proto. */
const rawData = 9
/** Those that say what a tensor's data is, or where. */
export const dataFields: ReadonlySet<number> = new Set([rawData, 13, 14])
const numberFields: ReadonlySet<number> = new Set([4, 5, 6, 7, 10, 11])

/** Name, shape and places take some hundred bytes. */
const mostHeadBytes = 2 ** 14
const mostDimensions = 8

/**
 * Reads a tensor's entry. Its data stays in the file.
 *
 * @throws RangeError for what a tensor cannot be, and as the protobuf library does
 */
export function readTensor(source: ByteSource, field: MessageField): OnnxTensor {
  const head: Uint8Array[] = []
  let place: OnnxTensorPlace | null = null
  let headBytes = 0
  for (const { number, isDelimited, start, valueStart, end } of fieldsOf(
    source,
    field.valueStart,
    field.end,
  )) {
    if (number === rawData && isDelimited) {
      place = { kind: 'inside', offset: valueStart, byteLength: end - valueStart }
    } else if (numberFields.has(number)) {
      place ??= { kind: 'numbers' }
    } else {
      headBytes += end - start
      if (headBytes > mostHeadBytes)
        throw new RangeError(`the head of a tensor has over ${mostHeadBytes} bytes`)
      head.push(source.read(start, end - start))
    }
  }
  const { name, dataType, dims, dataLocation, externalData } = onnx.TensorProto.decode(Buffer.concat(head))
  const shape = dims.map((length: unknown) => int64(length))
  if (
    shape.length > mostDimensions ||
    !shape.every((length) => Number.isSafeInteger(length) && length >= 0)
  ) {
    throw new RangeError(`tensor '${name.slice(0, 200)}' has an impossible shape [${shape.join(', ')}]`)
  }
  return {
    name,
    dtype: elementName(dataType),
    shape,
    byteLength: tensorBytes(dataType, shape),
    place: dataLocation === EXTERNAL ? besidePlace(externalData) : (place ?? { kind: 'numbers' }),
  }
}

function besidePlace(entries: readonly onnxProto.onnx.IStringStringEntryProto[]): OnnxTensorPlace {
  const found = new Map(entries.map(({ key, value }) => [key, value ?? '']))
  const length = found.get('length')
  return {
    kind: 'beside',
    location: found.get('location') ?? '',
    offset: wholeNumber(found.get('offset') ?? '0'),
    byteLength: length === undefined ? null : wholeNumber(length),
  }
}

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new RangeError(`expected a whole number, found '${text.slice(0, 40)}'`)
}
