import { freeBytes } from '../formats/free-space.js'
import { makeFolder } from '../formats/make-folder.js'
import { EngineError } from '../schema/engine-error.js'
import { downloadFile, type DownloadPhase } from './download-file.js'
import {
  closeOrder,
  filePath,
  orderFolder,
  receivedBytes,
  saveOrder,
  type DownloadOrder,
} from './download-order.js'
import { hasPromisedBytes } from './file-hash.js'
import type { Hub } from './hub.js'
import { fileAddress } from './hub-api.js'
import { fileBytes } from './list-folder.js'
import { totalBytes } from './remote-file.js'

/** How far an order is. */
export interface OrderProgress {
  readonly phase: DownloadPhase
  /** Of the order in the phase `downloading`, of the file in the phase `verifying`. */
  readonly done: number
  readonly total: number
}

/** What a host brings to a download. */
export interface OrderContext {
  /** The folder of models. */
  readonly root: string
  readonly hub: Hub
  readonly signal: AbortSignal
  readonly progress: (progress: OrderProgress) => void
  readonly pieceBytes?: number
}

/** The disk is never filled to its last byte. */
const leftFreeBytes = 32e6

/**
 * Fetches the files of an order, one after the other. What is here already is not fetched again. Stopped or failed, it stays on
 * the disk and can be run again.
 *
 * @throws EngineError of `downloadFile`, 'space-missing'
 */
export async function runOrder(order: DownloadOrder, context: OrderContext): Promise<void> {
  const { root, hub, signal, progress } = context
  makeFolder(root)
  saveOrder(root, order)
  const total = totalBytes(order.files)
  requireSpace(orderFolder(root, order), root, total - receivedBytes(root, order))
  let before = 0
  for (const file of order.files) {
    const target = filePath(root, order, file.path)
    const report = (phase: DownloadPhase, done: number): void =>
      progress(
        phase === 'downloading'
          ? { phase, done: before + done, total }
          : { phase, done, total: file.byteLength },
      )
    if (fileBytes(target) === null) {
      const address = fileAddress(hub, order, file.path)
      const { pieceBytes } = context
      await downloadFile({
        hub,
        address,
        file,
        target,
        signal,
        progress: report,
        ...(pieceBytes !== undefined && { pieceBytes }),
      })
    } else if (!(await hasPromisedBytes(target, file, signal, (read) => report('verifying', read)))) {
      throw otherFile(target)
    }
    before += file.byteLength
  }
  closeOrder(root, order)
}

function requireSpace(path: string, root: string, missingBytes: number): void {
  const availableBytes = freeBytes(root)
  const requiredBytes = missingBytes + leftFreeBytes
  if (missingBytes === 0 || availableBytes === null || availableBytes >= requiredBytes) return
  const message = `'${path}' needs ${requiredBytes} bytes more, and the disk has ${availableBytes} free`
  throw new EngineError('space-missing', { path, requiredBytes, availableBytes }, message)
}

function otherFile(path: string): EngineError {
  const message = `'${path}' is already there with other bytes than the hub has now; move it away to fetch the new one`
  return new EngineError('file-exists', { path }, message)
}
