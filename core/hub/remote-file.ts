import { z } from 'zod'
import { isSafeName } from './file-name.js'

/** A file of a repository, and what the hub promises of it. */
export const remoteFile = z.strictObject({
  /** Folders with `/`. */
  path: z.string().refine(isSafeName, 'a name that leads out of its folder'),
  byteLength: z.int().nonnegative(),
  /** Of its bytes, where the hub keeps it as a large file; hexadecimal. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** Git's own hash of a small file: SHA-1 of `blob LENGTH\0` and its bytes; null where `sha256` is known. */
  gitOid: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .nullable(),
})
export type RemoteFile = z.infer<typeof remoteFile>

/** Bytes of several files together. */
export function totalBytes(files: readonly RemoteFile[]): number {
  return files.reduce((sum, { byteLength }) => sum + byteLength, 0)
}
