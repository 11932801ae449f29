import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../formats/atomic-file.js'
import type { ByteSource } from '../formats/byte-source.js'
import { makeFolder } from '../formats/make-folder.js'

/** Remembers the hashes of large files, so that one is not read whole at every start. */
export interface KnownHashes {
  /** The hash of a file that has not changed since; null where it is not known. */
  find(source: ByteSource): string | null
  keep(source: ByteSource, sha256: string): void
}

const hashesFile = z.strictObject({
  version: z.literal(1),
  /** The latest last. */
  files: z.array(z.strictObject({ stamp: z.string(), sha256: z.string() })),
})
type HashesFile = z.infer<typeof hashesFile>

/** Smaller files are read as fast as a note about them is. */
const smallestBytes = 32e6
const mostFiles = 64
/** A file that changed so recently may change again without its time of change showing it. */
const settledAfterMs = 3000

/**
 * Hashes in a file of ours. A file is told by its device, number, size and times of change, the last of which nobody can set
 * back: whatever is put in its place, or written into it, is another one and is read whole.
 *
 * @param now milliseconds since 1970
 */
export function knownHashesAt(path: string, now: () => number): KnownHashes {
  return {
    find: ({ stamp }) => readHashes(path).files.find((file) => file.stamp === stamp)?.sha256 ?? null,
    keep: ({ stamp, changedMs, byteLength }, sha256) => {
      if (stamp === null || byteLength < smallestBytes || now() - changedMs < settledAfterMs) return
      const others = readHashes(path).files.filter((file) => file.stamp !== stamp)
      const files = [...others, { stamp, sha256 }].slice(-mostFiles)
      try {
        makeFolder(dirname(path))
        writeFileAtomic(path, JSON.stringify({ version: 1, files } satisfies HashesFile))
      } catch {
        // It is then computed again next time, which costs only time.
      }
    },
  }
}

/** None where there is no such file, or another program's. */
function readHashes(path: string): HashesFile {
  try {
    return hashesFile.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return { version: 1, files: [] }
  }
}
