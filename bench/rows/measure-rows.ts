import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { IndexFigures } from './index-file.js'
import { makeRows } from './make-rows.js'

const program = fileURLToPath(new URL('./index-file.js', import.meta.url))
/** Those of the command's own first line. */
const nodeFlags = ['--max-semi-space-size=2']

export interface RowsResult extends IndexFigures {
  readonly fileBytes: number
}

/** Writes a JSON Lines file of so many bytes, indexes it in a process of its own, and removes it. */
export function measureRows(fileBytes: number, report: (line: string) => void): RowsResult {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-rows-'))
  try {
    const path = join(folder, 'rows.jsonl')
    const rows = makeRows(path, fileBytes)
    report(`${rows} rows written`)
    const output = execFileSync(process.execPath, [...nodeFlags, program, path], { encoding: 'utf8' })
    const figures = JSON.parse(output) as IndexFigures
    if (figures.rows !== rows) throw new Error(`${rows} rows were written, ${figures.rows} were found`)
    report(
      `indexed in ${(figures.indexMs / 1000).toFixed(1)} s at a peak of ${Math.round(figures.peakBytes / 1e6)} MB; ` +
        `one row anywhere takes ${figures.sampleMs.toFixed(1)} ms`,
    )
    return { fileBytes, ...figures }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
