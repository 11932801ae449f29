import protobuf from 'protobufjs/minimal.js'
import type { ByteSource } from '../byte-source.js'

/** A field of a protobuf message, and where its value is in the file. */
export interface MessageField {
  readonly number: number
  /** Whether it has a length of its own: text, bytes, a message, or packed numbers. */
  readonly isDelimited: boolean
  /** Where the field with its tag begins. */
  readonly start: number
  /** Where the value of a delimited field begins. */
  readonly valueStart: number
  readonly end: number
}

/** A tag, and a length or a number. */
const mostHeadBytes = 20
const delimited = 2

/**
 * The fields of the message in bytes `start` … `end` − 1 of a file, one after the other. Values stay in the file: a field may be
 * larger than memory.
 *
 * @throws RangeError, or another error of the protobuf library, for bytes that are no fields
 */
export function* fieldsOf(source: ByteSource, start: number, end: number): Generator<MessageField> {
  for (let at = start; at < end;) {
    const field = fieldAt(source, at, end)
    if (field.end > end) throw new RangeError(`field ${field.number} ends at ${field.end}, after ${end}`)
    yield field
    at = field.end
  }
}

function fieldAt(source: ByteSource, start: number, end: number): MessageField {
  const reader = protobuf.Reader.create(source.read(start, Math.min(mostHeadBytes, end - start)))
  const tag = reader.uint32()
  const isDelimited = (tag & 7) === delimited
  const length = isDelimited ? reader.uint32() : 0
  const valueStart = start + reader.pos
  if (!isDelimited) reader.skipType(tag & 7)
  return { number: tag >>> 3, isDelimited, start, valueStart, end: start + reader.pos + length }
}
