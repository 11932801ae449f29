import { existsSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { explainFailures, syncFolder } from '../formats/atomic-file.js'
import { lockFile } from '../formats/file-lock.js'
import { makeFolder } from '../formats/make-folder.js'
import { EngineError } from '../schema/engine-error.js'
import type { Clock } from './clock.js'
import { downloadInvalid } from './download-invalid.js'
import { hasPromisedBytes } from './file-hash.js'
import type { Hub } from './hub.js'
import {
  doneBytes,
  emptyState,
  partPath,
  readPartState,
  removePart,
  savePartState,
  type PartState,
} from './part-state.js'
import { ChangedMeanwhile, fetchPiece, RangesIgnored, type Transfer } from './piece-stream.js'
import type { RemoteFile } from './remote-file.js'
import { withRetries } from './retry.js'

/** What is being done with a file. */
export type DownloadPhase = 'downloading' | 'verifying'

/** What a file needs on its way here. */
export interface FileDownload {
  readonly hub: Hub
  readonly address: string
  readonly file: RemoteFile
  /** Where it will be; nothing may be there yet. */
  readonly target: string
  readonly signal: AbortSignal
  readonly progress: (phase: DownloadPhase, done: number) => void
  /** Bytes that one connection fetches at a time. */
  readonly pieceBytes?: number
}

const connections = 4
const usualPieceBytes = 16 * 2 ** 20
/** How far it is, is written down this often: what came since is fetched again after a `kill -9`. */
const saveEveryMs = 2000
/** Of a file that changes while it is fetched, or whose server knows no ranges. */
const mostRestarts = 3

/**
 * Fetches a file in pieces over several connections, goes on where an earlier attempt ended, holds what came against the hub's
 * hash, and only then gives it its name. When it is stopped, what came is kept.
 *
 * @throws EngineError of `sendRequest`, 'download-invalid', 'file-exists', 'file-unwritable', 'run-locked', 'cancelled'
 */
export async function downloadFile(download: FileDownload): Promise<void> {
  const { target } = download
  refuseExisting(target)
  makeFolder(dirname(target))
  const unlock = lockFile(`${partPath(target)}.lock`, 'this download')
  try {
    await fetchRight(download)
    refuseExisting(target)
    explainFailures(target, {}, () => renameSync(partPath(target), target))
    removePart(target)
    syncFolder(dirname(target))
  } finally {
    unlock()
  }
}

/** Until the bytes are those that were promised. Wrong ones are thrown away and fetched once more. */
async function fetchRight(download: FileDownload): Promise<void> {
  const { file, target, signal, progress } = download
  for (let isSecond = false; ; isSecond = true) {
    await fetchAll(download)
    progress('verifying', 0)
    const isRight = await hasPromisedBytes(partPath(target), file, signal, (read) => {
      progress('verifying', read)
    })
    if (isRight) return
    removePart(target)
    if (isSecond)
      throw downloadInvalid(
        file.path,
        'its bytes are not those that the hub promises (their hash is another)',
      )
  }
}

/** Until every piece is there; from the start again where the server has no ranges, or has other bytes than before. */
async function fetchAll(download: FileDownload): Promise<void> {
  const { file, target, pieceBytes = usualPieceBytes } = download
  let state = readPartState(target, file) ?? emptyState(file, pieceBytes)
  for (let restarts = 0; ; restarts++) {
    try {
      await fetchPieces(download, state)
      return
    } catch (thrown) {
      const isWhole = thrown instanceof RangesIgnored
      if (!isWhole && !(thrown instanceof ChangedMeanwhile)) throw thrown
      if (restarts === mostRestarts)
        throw downloadInvalid(file.path, 'it changes, or breaks off, each time it is fetched')
      state = emptyState(file, isWhole ? Math.max(1, file.byteLength) : state.pieceBytes)
    }
  }
}

async function fetchPieces(download: FileDownload, state: PartState): Promise<void> {
  const { hub, address, file, target, signal, progress } = download
  const part = await openPart(partPath(target), file.byteLength)
  // A connection that fails for good ends the others.
  const group = new AbortController()
  const abort = (): void => group.abort()
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  const saver = new StateSaver(hub.clock, part, target, state)
  const transfer: Transfer = {
    hub,
    address,
    name: file.path,
    state,
    part,
    partPath: partPath(target),
    signal: group.signal,
    note: () => {
      progress('downloading', doneBytes(state))
      return saver.saveWhenDue()
    },
  }
  let next = 0
  const work = async (): Promise<void> => {
    try {
      while (next < state.done.length) {
        await fetchPieceAgain(transfer, next++)
        await saver.save()
      }
    } catch (thrown) {
      abort()
      throw thrown
    }
  }
  try {
    progress('downloading', doneBytes(state))
    savePartState(target, state)
    const workers = Array.from({ length: Math.min(connections, state.done.length) }, work)
    const failures = (await Promise.allSettled(workers)).flatMap((end) =>
      end.status === 'rejected' ? [end.reason as unknown] : [],
    )
    if (failures.length > 0) throw failures.find((failure) => !isCancelled(failure)) ?? failures[0]
  } catch (thrown) {
    // What came is kept where it can be; the first failure is the one to tell.
    await saver.save().catch(() => undefined)
    throw thrown
  } finally {
    signal.removeEventListener('abort', abort)
    await part.close()
  }
}

function fetchPieceAgain(transfer: Transfer, piece: number): Promise<void> {
  const { hub, signal, state } = transfer
  return withRetries({ clock: hub.clock, signal, reached: () => state.done[piece] }, () =>
    fetchPiece(transfer, piece),
  )
}

/** Writes down how far a file is. What is written down is on the disk before. */
class StateSaver {
  readonly #clock: Clock
  readonly #part: FileHandle
  readonly #target: string
  readonly #state: PartState
  #savedAt: number

  constructor(clock: Clock, part: FileHandle, target: string, state: PartState) {
    this.#clock = clock
    this.#part = part
    this.#target = target
    this.#state = state
    this.#savedAt = clock.now()
  }

  async saveWhenDue(): Promise<void> {
    if (this.#clock.now() - this.#savedAt >= saveEveryMs) await this.save()
  }

  async save(): Promise<void> {
    this.#savedAt = this.#clock.now()
    const reached = { ...this.#state, done: [...this.#state.done] }
    await this.#part.datasync()
    savePartState(this.#target, reached)
  }
}

/** The file of a part, as long as the whole will be: pieces are written into their places. */
async function openPart(path: string, byteLength: number): Promise<FileHandle> {
  explainFailures(path, {}, () => {
    if (!existsSync(path)) writeFileSync(path, '', { flag: 'wx' })
    truncateSync(path, byteLength)
  })
  return open(path, 'r+')
}

function isCancelled(failure: unknown): boolean {
  return failure instanceof EngineError && failure.code === 'cancelled'
}

function refuseExisting(target: string): void {
  if (!existsSync(target)) return
  const message = `'${target}' is already there, with other bytes than the hub has, and is not written over`
  throw new EngineError('file-exists', { path: target }, message)
}
