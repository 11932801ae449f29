import { isUtf8 } from 'node:buffer'
import { EngineError } from '../../schema/engine-error.js'
import type { ByteSource } from '../byte-source.js'
import { ggufLimits } from './limits.js'

const windowBytes = 256 * 1024

/**
 * Reads a header's little-endian values one after the other through a small window on the file.
 *
 * Every read is checked against the end of the file and the limit on headers before anything is allocated, and fails
 * with `model-malformed` naming `where` (set by the caller) and the offset.
 */
export class HeaderReader {
  /** What is being read, for error messages. */
  where = 'header'
  private window: Buffer = Buffer.alloc(0)
  private view: DataView = new DataView(this.window.buffer, 0, 0)
  private windowStart = 0
  private position = 0
  private readonly end: number

  constructor(private readonly source: ByteSource) {
    this.end = Math.min(source.byteLength, ggufLimits.headerBytes)
  }

  /** Position in the file of the next value. */
  get offset(): number {
    return this.windowStart + this.position
  }

  /** Bytes that the rest of the header can have at most. */
  get remainingBytes(): number {
    return this.end - this.offset
  }

  uint8(): number {
    const start = this.take(1)
    return this.view.getUint8(start)
  }

  int8(): number {
    const start = this.take(1)
    return this.view.getInt8(start)
  }

  uint16(): number {
    const start = this.take(2)
    return this.view.getUint16(start, true)
  }

  int16(): number {
    const start = this.take(2)
    return this.view.getInt16(start, true)
  }

  uint32(): number {
    const start = this.take(4)
    return this.view.getUint32(start, true)
  }

  int32(): number {
    const start = this.take(4)
    return this.view.getInt32(start, true)
  }

  float32(): number {
    const start = this.take(4)
    return this.view.getFloat32(start, true)
  }

  float64(): number {
    const start = this.take(8)
    return this.view.getFloat64(start, true)
  }

  uint64(): bigint {
    const start = this.take(8)
    return this.view.getBigUint64(start, true)
  }

  int64(): bigint {
    const start = this.take(8)
    return this.view.getBigInt64(start, true)
  }

  bool(): boolean {
    const byte = this.uint8()
    if (byte > 1) throw this.malformed(`expected a boolean (0 or 1), found ${byte}`)
    return byte === 1
  }

  /** A 64-bit count of things that take at least `itemBytes` bytes each in the rest of the header. */
  count(what: string, limit: number, itemBytes: number): number {
    const count = this.uint64()
    if (count > BigInt(limit)) {
      throw this.malformed(`expected at most ${limit} ${what}, found ${count.toString()}`)
    }
    if (Number(count) * itemBytes > this.remainingBytes) {
      throw this.malformed(`${count.toString()} ${what} do not fit into ${this.remainder()}`)
    }
    return Number(count)
  }

  /** A string with its length before it. */
  string(limit: number = ggufLimits.stringBytes): string {
    const length = this.count('bytes of text', limit, 1)
    const bytes = length <= windowBytes ? this.bytesInWindow(length) : this.bytesBesideWindow(length)
    if (!isUtf8(bytes)) throw this.malformed('expected UTF-8 text, found other bytes')
    return bytes.toString('utf8')
  }

  /** The error for what was just read. */
  malformed(reason: string): EngineError {
    const { path } = this.source
    const message = `'${path}' is not a valid GGUF file: ${this.where}, before offset ${this.offset}: ${reason}`
    return new EngineError('model-malformed', { path, where: this.where }, message)
  }

  private bytesInWindow(length: number): Buffer {
    const start = this.take(length)
    return this.window.subarray(start, start + length)
  }

  private bytesBesideWindow(length: number): Buffer {
    const bytes = this.source.read(this.offset, length)
    this.moveWindow(this.offset + length)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Makes `length` bytes available and returns where they start in the window. */
  private take(length: number): number {
    if (this.position + length > this.window.byteLength) {
      if (length > this.remainingBytes) {
        throw this.malformed(`expected ${length} more bytes, found ${this.remainder()}`)
      }
      this.moveWindow(this.offset)
    }
    const start = this.position
    this.position += length
    return start
  }

  private moveWindow(start: number): void {
    const bytes = this.source.read(start, Math.min(windowBytes, this.end - start))
    this.window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.windowStart = start
    this.position = 0
  }

  private remainder(): string {
    const isLimited = this.end < this.source.byteLength
    return isLimited
      ? `the ${ggufLimits.headerBytes} bytes that a header may have`
      : `the ${this.remainingBytes} bytes left in the file`
  }
}
