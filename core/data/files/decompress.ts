import { crc32 } from 'node:zlib'
import { Gunzip } from 'fflate'
import { Decompress } from 'fzstd'
import { EngineError } from '../../schema/engine-error.js'
import { dataInvalid } from '../data-error.js'

export type Compression = 'gzip' | 'zstd'

/** What one push may grow to stays some tens of megabytes: deflate grows a byte to 1,032, a Zstandard block to 128 kB. */
const pushBytes = { gzip: 16 * 1024, zstd: 1024 }
/** Larger windows need `zstd --long` to write and to read. */
const largestWindow = 128 * 1024 * 1024
const trailerBytes = 8

/** The compression that the first bytes of a file name, or null. */
export function compressionOf(head: Uint8Array): Compression | null {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd ? 'zstd' : null
}

/**
 * The bytes that were compressed, piece by piece. Of gzip the checksum and the length are compared, where the file is one
 * member. Sources: RFC 1952; RFC 8878.
 *
 * @throws data-invalid for damaged or unfinished data
 */
export function* decompressed(
  path: string,
  chunks: Iterable<Uint8Array>,
  compression: Compression,
): Generator<Buffer> {
  const pieces: Uint8Array[] = []
  const stream = compression === 'gzip' ? gunzip(pieces) : unzstd(pieces)
  try {
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += pushBytes[compression]) {
        // The library keeps what it cannot use yet, and the chunk is read into again.
        stream.push(chunk.slice(at, at + pushBytes[compression]))
        for (const piece of pieces) yield bufferOf(piece)
        pieces.length = 0
      }
    }
    stream.end()
  } catch (thrown) {
    if (thrown instanceof EngineError) throw thrown
    throw damaged(path, compression, thrown)
  }
  for (const piece of pieces) yield bufferOf(piece)
}

interface Stream {
  push(bytes: Uint8Array): void
  /** Throws where something is missing. */
  end(): void
}

function gunzip(pieces: Uint8Array[]): Stream {
  let checksum = 0
  let byteCount = 0
  let laterMembers = 0
  let trailer = Buffer.alloc(0)
  const stream = new Gunzip((piece) => {
    checksum = crc32(piece, checksum)
    byteCount += piece.length
    pieces.push(piece)
  })
  stream.onmember = () => laterMembers++
  return {
    push: (bytes) => {
      trailer = Buffer.concat([trailer, bytes.subarray(-trailerBytes)]).subarray(-trailerBytes)
      stream.push(bytes)
    },
    end: () => {
      stream.push(new Uint8Array(0), true)
      if (laterMembers > 0) return
      const isWhole =
        trailer.length === trailerBytes &&
        trailer.readUInt32LE(0) === checksum &&
        trailer.readUInt32LE(4) === byteCount % 2 ** 32
      if (!isWhole) throw new Error('its checksum does not match')
    },
  }
}

function unzstd(pieces: Uint8Array[]): Stream {
  const stream = new Decompress((piece) => pieces.push(piece))
  let isFirst = true
  return {
    push: (bytes) => {
      if (isFirst && windowBytes(bytes) > largestWindow) {
        throw new Error(`it needs a window of ${windowBytes(bytes)} bytes, the limit is ${largestWindow}`)
      }
      isFirst = false
      stream.push(bytes)
    },
    end: () => {
      stream.push(new Uint8Array(0), true)
    },
  }
}

/** Window of the first frame, which its second header byte gives. Source: RFC 8878, section 3.1.1.1.2. */
function windowBytes(head: Uint8Array): number {
  if (head.length < 6 || (head[4] & 0x20) !== 0) return 0
  const base = 2 ** (10 + (head[5] >> 3))
  return base + (base / 8) * (head[5] & 7)
}

function damaged(path: string, compression: Compression, thrown: unknown): Error {
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  const kind = compression === 'gzip' ? 'gzip' : 'Zstandard'
  return dataInvalid(path, 0, '', `expected whole ${kind} data, found it damaged or cut off (${reason})`)
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
