import { closeSync, fstatSync } from 'node:fs'
import { dataInvalid } from '../data-error.js'
import { openFile, readAt } from './open-file.js'

/** Bytes of a file at any place. */
export interface RandomAccessFile {
  readonly path: string
  readonly byteLength: number
  /** @throws data-invalid where the file does not have these bytes */
  read(offset: number, length: number): ArrayBuffer
  close(): void
}

/** @throws file-unreadable */
export function openRandomAccess(path: string): RandomAccessFile {
  const file = openFile(path)
  const byteLength = fstatSync(file).size
  return {
    path,
    byteLength,
    read(offset, length) {
      const isInside = offset >= 0 && length >= 0 && offset + length <= byteLength
      if (!isInside) {
        const problem = `expected ${length} bytes at ${offset}, found a file of ${byteLength} bytes`
        throw dataInvalid(path, 0, '', problem)
      }
      const bytes = new Uint8Array(length)
      for (let done = 0; done < length;) {
        const count = readAt(path, file, bytes.subarray(done), offset + done)
        if (count === 0)
          throw dataInvalid(path, 0, '', 'expected the file to stay as it is, found it shorter')
        done += count
      }
      return bytes.buffer
    },
    close: () => closeSync(file),
  }
}
