import { rowProblem } from '../schema/row-problems.js'
import type { BadRows } from './bad-rows.js'
import { dataInvalid } from './data-error.js'
import { decodeText } from './files/encoding.js'
import type { TextFile } from './files/text-file.js'
import { asciiEncoding, utf8Chunks } from './files/utf8-chunks.js'
import { jsonElements } from './json-elements.js'
import { objectFields } from './jsonl.js'
import { maxLineBytes, type LinePlace } from './read-lines.js'
import type { Row } from './row.js'
import { flattenArticles } from './squad-articles.js'

/** Names under which files keep their list of rows, beside what they say about themselves. */
const listNames = ['data', 'rows', 'examples', 'items', 'records', 'train', 'instances', 'samples', 'entries']

/**
 * Where the rows of a JSON file begin: in its list, in the list of its object, or at its first value, where values follow
 * one another.
 *
 * @param head the start of the file
 */
export function jsonStart(head: string): number {
  const list = /^\s*\[/.exec(head)
  if (list) return Buffer.byteLength(list[0])
  const property = topLevelLists(head).find(({ name }) => listNames.includes(name.toLowerCase()))
  return property === undefined ? 0 : Buffer.byteLength(head.slice(0, property.end))
}

/**
 * Rows of a JSON file: the objects of a list, or objects one after the other. Their numbers count from 1.
 *
 * @param from `offset` in bytes, between two rows; `number` of the row there
 * @throws file-unreadable, data-invalid
 */
export function* readJson(file: TextFile, badRows: BadRows, from: LinePlace): Generator<Row> {
  const { path } = file
  const encoding = asciiEncoding(file)
  let number = from.number
  for (const element of jsonElements(utf8Chunks(file, from.offset), from.offset, maxLineBytes)) {
    const row = number++
    const report = (problem: string, text?: string): void =>
      badRows.report(dataInvalid(path, row, '', problem), text)
    if (element.bytes === null) {
      report(rowProblem('object-large', { total: maxLineBytes, count: element.byteLength }))
      continue
    }
    const text = decodeText(element.bytes, encoding)
    if (text === undefined) {
      report(rowProblem('encoding-other', { encoding: encoding.toUpperCase() }))
    } else if (!element.isWhole) {
      report(rowProblem('object-open', {}), text)
    } else {
      const fields = objectFields(text, 'element')
      if (typeof fields === 'string') report(fields, text)
      else {
        const flat = flattenArticles(fields)
        if (flat === null) yield { line: row, fields, offset: element.offset, text: () => text }
        else {
          for (const [index, each] of flat.entries()) {
            yield { line: row + index, fields: each, text: () => text }
          }
          number += Math.max(0, flat.length - 1)
        }
      }
    }
  }
}

/** Lists of objects among the properties of the object that a text starts with, and where they open. */
function topLevelLists(head: string): { name: string; end: number }[] {
  const found: { name: string; end: number }[] = []
  let depth = 0
  for (const token of head.matchAll(/"((?:[^"\\]|\\.)*)"(\s*:\s*\[(?=\s*\{))?|[{}[\]]/g)) {
    const [whole, name] = token
    const opensList = whole.length > 1 && whole.endsWith('[')
    if (opensList && depth === 1) found.push({ name, end: token.index + whole.length })
    if (opensList || whole === '{' || whole === '[') depth++
    else if (whole === '}' || whole === ']') depth--
    if (depth === 0) break
  }
  return found
}
