import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { EngineError } from '../../schema/engine-error.js'
import type { ByteSource } from '../byte-source.js'

/** One tensor's entry in the header of a safetensors file. */
export interface SafeTensor {
  readonly name: string
  /** For instance `BF16`; only those of `elementBytes` have known sizes. */
  readonly dtype: string
  readonly shape: readonly number[]
  /** Absolute position in the file. */
  readonly offset: number
  readonly byteLength: number
}

/** A header may be this large; files of a thousand tensors have 200 kB. */
const mostHeaderBytes = 32 * 2 ** 20
const mostTensors = 65_536

/** Bytes of an element. Source: the safetensors format, its README. */
export const elementBytes: Readonly<Record<string, number | undefined>> = {
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
  F64: 8,
}

const count = z.int().nonnegative()
const entrySchema = z.object({
  dtype: z.string().max(16),
  shape: z.array(count).max(8),
  data_offsets: z.tuple([count, count]),
})

/**
 * Reads the header of a safetensors file. Tensor data stays in the file.
 *
 * [header bytes: uint64][header: JSON][data]; entries give their data's place from the end of the header.
 *
 * @throws EngineError `model-malformed` (with the tensor), `file-unreadable`
 */
export function readSafetensors(source: ByteSource): Map<string, SafeTensor> {
  const { path } = source
  const { header, dataOffset } = readHeader(source)
  const entries = Object.entries(header).filter(([name]) => name !== '__metadata__')
  if (entries.length > mostTensors) {
    throw malformed(path, 'header', `expected up to ${mostTensors} tensors, found ${entries.length}`)
  }
  return new Map(entries.map(([name, entry]) => [name, readEntry(source, name, entry, dataOffset)]))
}

function readHeader(source: ByteSource): { header: object; dataOffset: number } {
  const { path, byteLength } = source
  const where = 'header'
  if (byteLength < 8) throw malformed(path, where, `expected at least 8 bytes, found ${byteLength}`)
  const headerBytes = Buffer.from(source.read(0, 8)).readBigUInt64LE()
  if (headerBytes > BigInt(Math.min(mostHeaderBytes, byteLength - 8))) {
    throw malformed(path, where, `it claims ${headerBytes} bytes, which the file does not have`)
  }
  const bytes = source.read(8, Number(headerBytes))
  const header = isUtf8(bytes) ? parsed(bytes) : null
  if (header === null) throw malformed(path, where, 'expected a JSON object')
  return { header, dataOffset: 8 + Number(headerBytes) }
}

function parsed(bytes: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}

function readEntry(source: ByteSource, name: string, value: unknown, dataOffset: number): SafeTensor {
  const { path } = source
  const where = `tensor '${name.slice(0, 200)}'`
  const entry = entrySchema.safeParse(value)
  if (!entry.success) throw malformed(path, where, 'expected dtype, shape and data_offsets')
  const { dtype, shape, data_offsets: offsets } = entry.data
  const [start, end] = offsets
  const offset = dataOffset + start
  if (end < start || dataOffset + end > source.byteLength) {
    throw malformed(path, where, `its data, ${start} to ${end}, is not in the file (cut off while copying?)`)
  }
  const elements = shape.reduce((product, length) => product * length, 1)
  const expected = elements * (elementBytes[dtype] ?? NaN)
  if (!Number.isNaN(expected) && expected !== end - start) {
    throw malformed(path, where, `expected ${expected} bytes for its shape, found ${end - start}`)
  }
  return { name, dtype, shape, offset, byteLength: end - start }
}

function malformed(path: string, where: string, reason: string): EngineError {
  const message = `'${path}' is not a valid safetensors file: ${where}: ${reason}`
  return new EngineError('model-malformed', { path, where }, message)
}
