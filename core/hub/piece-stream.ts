import type { FileHandle } from 'node:fs/promises'
import { explainFailures } from '../formats/atomic-file.js'
import { EngineError } from '../schema/engine-error.js'
import { downloadInvalid } from './download-invalid.js'
import { bodyChunks } from './body-chunks.js'
import { readContentRange } from './content-range.js'
import { dropBody } from './drop-body.js'
import type { Hub } from './hub.js'
import { pieceLength, type PartState } from './part-state.js'
import { sendRequest } from './send-request.js'
import { openStallWatch, type StallWatch } from './stall-watch.js'

/** The server has other bytes under this address than it had before. */
export class ChangedMeanwhile extends Error {}
/** The server sends whole files only. */
export class RangesIgnored extends Error {}

/** A file on its way: where from, where to, and how far. */
export interface Transfer {
  readonly hub: Hub
  readonly address: string
  /** For messages. */
  readonly name: string
  readonly state: PartState
  readonly part: FileHandle
  readonly partPath: string
  readonly signal: AbortSignal
  /** Called after each write. */
  readonly note: () => Promise<void>
}

/**
 * Fetches what is missing of one piece into its place. What came before a failure is kept in `state.done`.
 *
 * @throws ChangedMeanwhile, RangesIgnored; EngineError of `sendRequest`, 'download-invalid', 'file-unwritable'
 */
export async function fetchPiece(transfer: Transfer, piece: number): Promise<void> {
  const { hub, address, name, state, signal } = transfer
  // The whole file is asked for without a range, for servers that know none.
  const isWhole = state.done.length === 1 && state.done[0] === 0
  const start = piece * state.pieceBytes + state.done[piece]
  const end = piece * state.pieceBytes + pieceLength(state, piece)
  if (start === end && state.byteLength > 0) return
  const watch = openStallWatch(hub, address, signal)
  try {
    const headers = { 'accept-encoding': 'identity', ...(isWhole ? {} : rangeHeaders(state, start, end)) }
    const response = await sendRequest(hub, { address, name, headers, signal: watch.signal })
    try {
      checkAnswer(response, transfer, isWhole ? null : { start, end })
    } catch (thrown) {
      dropBody(response.body)
      throw thrown
    }
    await writeBody(response, transfer, piece, watch)
  } finally {
    watch.close()
  }
}

function rangeHeaders({ etag }: PartState, start: number, end: number): Record<string, string> {
  const isStrong = etag !== null && !etag.startsWith('W/')
  return { range: `bytes=${start}-${end - 1}`, ...(isStrong ? { 'if-range': etag } : {}) }
}

/** Holds an answer against what was asked and promised; remembers its ETag. */
function checkAnswer(
  { status, headers }: Response,
  { state, name }: Transfer,
  asked: { readonly start: number; readonly end: number } | null,
): void {
  const etag = headers.get('etag')
  if (state.etag !== null && etag !== null && etag !== state.etag) throw new ChangedMeanwhile()
  if (asked !== null && status !== 206) throw new RangesIgnored()
  if (asked === null) {
    const length = headers.get('content-length')
    if (length !== null && headers.get('content-encoding') === null)
      requireLength(name, Number(length), state.byteLength)
  } else {
    const range = readContentRange(headers.get('content-range'))
    if (range === null || range.start !== asked.start || range.end !== asked.end) {
      throw downloadInvalid(name, `asked for bytes ${asked.start} to ${asked.end}, the server sent others`)
    }
    requireLength(name, range.total, state.byteLength)
  }
  state.etag = etag ?? state.etag
}

async function writeBody(
  response: Response,
  { name, state, part, partPath, note, address }: Transfer,
  piece: number,
  watch: StallWatch,
): Promise<void> {
  const length = pieceLength(state, piece)
  const { host } = new URL(address)
  for await (const bytes of bodyChunks(response, host, watch)) {
    if (state.done[piece] + bytes.byteLength > length) {
      throw downloadInvalid(name, `the server sent more than the ${length} bytes that it was asked for`)
    }
    await writeAll(part, partPath, bytes, piece * state.pieceBytes + state.done[piece])
    state.done[piece] += bytes.byteLength
    await note()
  }
  if (state.done[piece] < length) {
    const reason = `the connection ended after ${state.done[piece]} of ${length} bytes`
    throw new EngineError('network-failed', { host, reason }, `${host}: ${reason}`)
  }
}

async function writeAll(part: FileHandle, path: string, bytes: Uint8Array, position: number): Promise<void> {
  try {
    for (let done = 0; done < bytes.byteLength;) {
      const left = bytes.byteLength - done
      done += (await part.write(bytes, done, left, position + done)).bytesWritten
    }
  } catch (thrown) {
    explainFailures(path, {}, () => {
      throw thrown
    })
  }
}

function requireLength(name: string, found: number, promised: number): void {
  if (found === promised) return
  throw downloadInvalid(name, `the hub promised ${promised} bytes, the server has ${found}`)
}
