import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { writeAtomically } from '../formats/atomic-file.js'
import { EngineError } from '../schema/engine-error.js'

const header = z.strictObject({
  version: z.literal(1),
  step: z.int().min(0),
  byteLength: z.int().min(0),
  crc32: z.int().min(0),
})

/** A trained state after `step` steps. */
export interface SavedState {
  readonly step: number
  readonly state: Uint8Array
}

/** Writes a state atomically: a line of JSON with its length and checksum, then its bytes. */
export function writeState(path: string, { step, state }: SavedState): void {
  writeStatePieces(path, step, [state])
}

/** The same for a state that lies in memory in pieces. */
export function writeStatePieces(path: string, step: number, pieces: readonly Uint8Array[]): void {
  let [byteLength, checksum] = [0, 0]
  for (const piece of pieces) {
    byteLength += piece.byteLength
    checksum = crc32(piece, checksum)
  }
  const line = JSON.stringify({ version: 1, step, byteLength, crc32: checksum })
  writeAtomically(path, { overwrite: true, byteLength }, (append) => {
    append(Buffer.from(`${line}\n`))
    for (const piece of pieces) append(piece)
  })
}

/** @throws EngineError 'run-invalid' where the file is missing or damaged */
export function readState(path: string): SavedState {
  const damaged = (found: string) =>
    new EngineError('run-invalid', { path, where: found }, `${path} should hold a trained state; ${found}`)
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (thrown) {
    throw damaged(thrown instanceof Error ? thrown.message : String(thrown))
  }
  const end = bytes.indexOf(10)
  const parsed = header.safeParse(parseJson(bytes.toString('utf8', 0, Math.max(0, end))))
  if (!parsed.success) throw damaged('its first line is not the header of one')
  const { buffer, byteOffset, byteLength } = bytes.subarray(end + 1)
  const state = new Uint8Array(buffer, byteOffset, byteLength)
  if (state.byteLength !== parsed.data.byteLength || crc32(state) !== parsed.data.crc32) {
    throw damaged(`found ${state.byteLength} bytes that do not match its checksum`)
  }
  return { step: parsed.data.step, state }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
