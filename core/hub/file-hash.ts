import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { EngineError } from '../schema/engine-error.js'
import type { RemoteFile } from './remote-file.js'

const pieceBytes = 2 ** 20

/**
 * Whether a file on this computer has the bytes that the hub promises, by their hash; by length alone where it promises none.
 *
 * @param note told how many bytes were read so far
 * @throws EngineError 'cancelled', 'file-unreadable'
 */
export async function hasPromisedBytes(
  path: string,
  { byteLength, sha256, gitOid }: RemoteFile,
  signal: AbortSignal,
  note: (read: number) => void = () => undefined,
): Promise<boolean> {
  const hash = sha256 === null ? createHash('sha1').update(`blob ${byteLength}\0`) : createHash('sha256')
  const file = await open(path).catch((thrown: unknown) => {
    throw new EngineError('file-unreadable', { path }, `Cannot open '${path}': ${String(thrown)}`)
  })
  try {
    if ((await file.stat()).size !== byteLength) return false
    if (sha256 === null && gitOid === null) return true
    const piece = new Uint8Array(pieceBytes)
    let read = 0
    for (;;) {
      if (signal.aborted) throw new EngineError('cancelled', {}, 'stopped, as asked')
      const { bytesRead } = await file.read(piece, 0, piece.byteLength)
      if (bytesRead === 0) break
      hash.update(piece.subarray(0, bytesRead))
      note((read += bytesRead))
    }
    return hash.digest('hex') === (sha256 ?? gitOid)
  } finally {
    await file.close()
  }
}
