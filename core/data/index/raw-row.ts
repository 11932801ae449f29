import { collectBadRows, type BadRows } from '../bad-rows.js'
import { readRows } from '../read-rows.js'
import type { RowIndex } from './row-index.js'

/**
 * The text of a row as the file has it, usable or not: empty where it is in another encoding, null where no row starts on that
 * line or where rows of this kind of file have no text.
 *
 * @param line see `Row`
 * @throws file-unreadable; data-invalid where the file is no longer what it was
 */
export function rawRow({ path, layout, marks }: RowIndex, line: number): string | null {
  if (layout.format === 'parquet' || layout.format === 'folder') return null
  let bad: { readonly line: number; readonly text: string } | null = null
  const watching: BadRows = {
    ...collectBadRows(true),
    report: ({ details }, text = '') => {
      if ('line' in details && details.line === line) bad = { line, text }
    },
  }
  const found = (): string | null => (bad as { readonly text: string } | null)?.text ?? null
  for (const row of readRows(path, layout, watching, marks.beforeLine(line) ?? layout.start)) {
    if (row.line === line) return row.text?.() ?? null
    if (row.line > line) break
  }
  return found()
}
