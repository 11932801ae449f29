import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { EngineError, makeFolder, writeFileAtomic } from '../../core/index.js'
import { dirname } from 'node:path'
import { exportRecord, type ExportRecord } from '../ipc/exports.js'

const recordsVersion = 2
const mostRecords = 500

const saved = z.strictObject({
  version: z.literal(recordsVersion),
  exports: z.array(z.strictObject({ record: exportRecord, path: z.string() })),
})
type Saved = z.infer<typeof saved>['exports'][number]

/** What was exported before, with the real path of each. */
export class ExportRecords {
  readonly #path: () => string

  /** @param path of the file that keeps them */
  constructor(path: () => string) {
    this.#path = path
  }

  /** Newest first. */
  list(runId: string | null): ExportRecord[] {
    return this.#read()
      .map(({ record }) => record)
      .filter((record) => runId === null || record.runId === runId)
  }

  /** Keeps an export under an id of its own. */
  add(record: Omit<ExportRecord, 'exportId'>, path: string): ExportRecord {
    const exportId = createHash('sha256').update(`${path} ${record.writtenAt}`).digest('hex').slice(0, 32)
    const kept: ExportRecord = { ...record, exportId }
    const exports = [{ record: kept, path }, ...this.#read()].slice(0, mostRecords)
    makeFolder(dirname(this.#path()))
    writeFileAtomic(this.#path(), `${JSON.stringify({ version: recordsVersion, exports }, null, 2)}\n`)
    return kept
  }

  /** Where an export is. @throws EngineError 'unknown-item' */
  locate(exportId: string): string {
    const found = this.#read().find(({ record }) => record.exportId === exportId)
    if (found !== undefined) return found.path
    throw new EngineError('unknown-item', { what: 'export' }, `there is no export '${exportId}'`)
  }

  #read(): Saved[] {
    if (!existsSync(this.#path())) return []
    try {
      return saved.parse(JSON.parse(readFileSync(this.#path(), 'utf8'))).exports
    } catch {
      // A damaged list costs the history, not the exports.
      return []
    }
  }
}
