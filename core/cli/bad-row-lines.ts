import type { BadRow } from '../data/bad-rows.js'
import { visibleText } from './visible-text.js'

const previewCharacters = 120

/** Where a bad row is, what is wrong with it, and below it the start of its text. */
export function badRowLines({ line, column, problem, preview }: BadRow, isDev = false): string[] {
  const where = `  ${isDev ? 'dev ' : ''}line ${line}${column === '' ? '' : `, column '${column}'`}`
  const text = visibleText(preview.replaceAll('\n', '\\n'))
  const shown = text.length > previewCharacters ? `${text.slice(0, previewCharacters)}…` : text
  return [`${where}: ${problem}`, ...(shown === '' ? [] : [`    > ${shown}`])]
}
