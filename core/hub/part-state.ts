import { rmSync } from 'node:fs'
import { z } from 'zod'
import { writeFileAtomic } from '../formats/atomic-file.js'
import { readJsonFile } from '../formats/read-json-file.js'
import { fileBytes } from './list-folder.js'
import type { RemoteFile } from './remote-file.js'

/** How far a file has come that is not whole yet: beside `FILE.part`, its bytes in their places, lies this. */
const partState = z.strictObject({
  version: z.literal(1),
  byteLength: z.int().nonnegative(),
  sha256: z.string().nullable(),
  gitOid: z.string().nullable(),
  /** The server's name for these bytes; null where it gave none. */
  etag: z.string().nullable(),
  /** The file is fetched in pieces of this length; the last may be shorter. */
  pieceBytes: z.int().positive(),
  /** Bytes at the start of each piece that are there. */
  done: z.array(z.int().nonnegative()).max(1_000_000),
})
export type PartState = z.infer<typeof partState>

const mostStateBytes = 16 * 2 ** 20

export const partPath = (target: string): string => `${target}.part`
const statePath = (target: string): string => `${target}.part.json`

/** A file of which nothing is there. */
export function emptyState(
  { byteLength, sha256, gitOid }: Omit<RemoteFile, 'path'>,
  pieceBytes: number,
): PartState {
  const pieceCount = Math.max(1, Math.ceil(byteLength / pieceBytes))
  return {
    version: 1,
    byteLength,
    sha256,
    gitOid,
    etag: null,
    pieceBytes,
    done: Array<number>(pieceCount).fill(0),
  }
}

/** What is there of this file; null where nothing is, or what is there belongs to another or is damaged. */
export function readPartState(target: string, file: RemoteFile): PartState | null {
  if (fileBytes(partPath(target)) !== file.byteLength) return null
  try {
    const state = partState.parse(readJsonFile(statePath(target), mostStateBytes))
    const isSame =
      state.byteLength === file.byteLength && state.sha256 === file.sha256 && state.gitOid === file.gitOid
    return isSame && isPossible(state) ? state : null
  } catch {
    return null
  }
}

function isPossible(state: PartState): boolean {
  const { done } = emptyState(state, state.pieceBytes)
  return (
    state.done.length === done.length &&
    state.done.every((bytes, piece) => bytes <= pieceLength(state, piece))
  )
}

/** Bytes of a piece. */
export function pieceLength({ byteLength, pieceBytes }: PartState, piece: number): number {
  return Math.min(pieceBytes, byteLength - piece * pieceBytes)
}

export function doneBytes({ done }: PartState): number {
  return done.reduce((sum, bytes) => sum + bytes, 0)
}

export function savePartState(target: string, state: PartState): void {
  writeFileAtomic(statePath(target), JSON.stringify(state))
}

/** Removes what is there of a file that is not whole. */
export function removePart(target: string): void {
  rmSync(partPath(target), { force: true })
  rmSync(statePath(target), { force: true })
}
