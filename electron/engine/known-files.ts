import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { EngineError, makeFolder, writeFileAtomic } from '../../core/index.js'
import { dirname } from 'node:path'

const knownFile = z.strictObject({
  handle: z.string(),
  kind: z.enum(['model', 'data', 'folder']),
  path: z.string(),
  name: z.string(),
  source: z.enum(['embedded', 'file', 'pasted', 'hub', 'ollama', 'lm-studio', 'hugging-face']),
  usedAt: z.iso.datetime().nullable(),
})
/** A file or folder that the page may name. */
export type KnownFile = z.infer<typeof knownFile>

const fileVersion = 1
const savedFiles = z.strictObject({ version: z.literal(fileVersion), files: z.array(knownFile) })

/** Saved at most; those used longest ago are forgotten first. */
const mostFiles = 200

/**
 * Which real file each handle stands for. The page never sends a path that is used as it is: it names a file that a person
 * chose, or that was found in a library. Used files are kept across restarts.
 */
export class KnownFiles {
  readonly #path: string
  readonly #files = new Map<string, KnownFile>()

  /** @param path of the file that keeps them */
  constructor(path: string) {
    this.#path = path
    for (const file of readSaved(path)) this.#files.set(file.handle, file)
  }

  /** Adds a file, whose path must be real and checked; one that is known already keeps its date. */
  admit(file: Omit<KnownFile, 'handle' | 'usedAt'>): KnownFile {
    const handle = handleOf(file.kind, file.path)
    const known: KnownFile = { ...file, handle, usedAt: this.#files.get(handle)?.usedAt ?? null }
    this.#files.set(handle, known)
    return known
  }

  /** @throws EngineError 'unknown-item' */
  find(handle: string, kind: KnownFile['kind']): KnownFile {
    const found = this.#files.get(handle)
    if (found?.kind === kind) return found
    throw new EngineError(
      'unknown-item',
      { what: kind },
      `there is no ${kind} '${handle}' (any more); choose it again`,
    )
  }

  /** Notes that a file was chosen now, and keeps it. */
  use(file: KnownFile, date: Date): KnownFile {
    const used = { ...file, usedAt: date.toISOString() }
    this.#files.set(file.handle, used)
    this.#save()
    return used
  }

  /** Takes a file off the recent ones. */
  forget(handle: string): void {
    const file = this.#files.get(handle)
    if (file === undefined) return
    this.#files.set(handle, { ...file, usedAt: null })
    this.#save()
  }

  /** Files of a kind that were chosen before, the latest first. */
  recent(kind: KnownFile['kind']): KnownFile[] {
    return [...this.#files.values()]
      .filter((file) => file.kind === kind && file.usedAt !== null)
      .toSorted((left, right) => (right.usedAt ?? '').localeCompare(left.usedAt ?? ''))
  }

  #save(): void {
    const files = [...this.#files.values()]
      .filter(({ usedAt }) => usedAt !== null)
      .toSorted((left, right) => (right.usedAt ?? '').localeCompare(left.usedAt ?? ''))
      .slice(0, mostFiles)
    makeFolder(dirname(this.#path))
    writeFileAtomic(this.#path, `${JSON.stringify({ version: fileVersion, files })}\n`)
  }
}

/** The same file has the same handle in every session, so that what a page remembers stays good. */
function handleOf(kind: KnownFile['kind'], path: string): string {
  return createHash('sha256').update(`${kind}\0${path}`).digest('hex').slice(0, 32)
}

/** A list that cannot be read costs the recent files, nothing else. */
function readSaved(path: string): KnownFile[] {
  if (!existsSync(path)) return []
  try {
    return savedFiles.parse(JSON.parse(readFileSync(path, 'utf8'))).files
  } catch {
    return []
  }
}
