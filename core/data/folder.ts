import { lstatSync, readdirSync, statSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { EngineError } from '../schema/engine-error.js'
import { rowProblem } from '../schema/row-problems.js'
import { collectBadRows, type BadRows } from './bad-rows.js'
import { dataInsufficient, dataInvalid } from './data-error.js'
import { fileUnreadable } from './file-unreadable.js'
import { readLines, maxLineBytes, type LinePlace } from './read-lines.js'
import { openTextFile } from './files/text-file.js'
import type { Row } from './row.js'

const textExtensions: ReadonlySet<string> = new Set(['.txt', '.md', '.text', '.markdown'])
const mostFiles = 1_000_000
const deepest = 16

/** A file of a folder. */
interface FolderFile {
  /** From the folder, with `/` between the parts. */
  readonly name: string
  readonly folder: string
}

/** True for a folder. Throws file-unreadable where nothing is there. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (cause) {
    throw fileUnreadable(path, cause)
  }
}

/**
 * The columns of a folder of texts: `text`, `file`, and `folder` where there are folders in it, as many data sets keep a
 * class in each.
 *
 * @throws file-unreadable, data-insufficient
 */
export function folderColumns(path: string): readonly string[] {
  const files = folderFiles(path)
  if (files.length === 0)
    throw dataInsufficient(path, `has no text files (${[...textExtensions].join(', ')})`)
  return ['text', 'file', ...(files.some(({ folder }) => folder !== '') ? ['folder'] : [])]
}

/**
 * The texts of a folder and the folders in it, a file a row, in the order of their names. Hidden files and links are left out.
 *
 * @param from `offset`: files before the first to read
 * @throws file-unreadable, data-invalid
 */
export function* readFolder(path: string, badRows: BadRows, from: LinePlace): Generator<Row> {
  const files = folderFiles(path)
  const hasFolders = files.some(({ folder }) => folder !== '')
  for (let index = from.offset; index < files.length; index++) {
    const { name, folder } = files[index]
    const text = readText(path, index + 1, name, badRows)
    if (text === undefined) continue
    const fields = new Map([
      ['text', text],
      ['file', name],
      ...(hasFolders ? ([['folder', folder]] as const) : []),
    ])
    yield { line: index + 1, fields, offset: index, text: () => text }
  }
}

/** The files of a folder with these endings, in the order in which they are rows. @throws file-unreadable, data-invalid */
export function folderFiles(
  path: string,
  extensions: ReadonlySet<string> = textExtensions,
): readonly FolderFile[] {
  const found: FolderFile[] = []
  const walk = (folder: string, depth: number): void => {
    for (const entry of entriesOf(join(path, folder))) {
      const name = folder === '' ? entry : `${folder}/${entry}`
      const stats = entry.startsWith('.') ? undefined : lstatSync(join(path, name), { throwIfNoEntry: false })
      if (stats?.isDirectory() === true && depth < deepest) walk(name, depth + 1)
      else if (stats?.isFile() === true && extensions.has(extname(entry).toLowerCase())) {
        found.push({ name, folder: folder === '' ? '' : dirname(name) })
      }
    }
    if (found.length > mostFiles) {
      throw dataInvalid(path, 0, '', `expected at most ${mostFiles} files, found more`)
    }
  }
  walk('', 0)
  return found
}

function entriesOf(folder: string): string[] {
  try {
    // By code units, so that every machine has the same order.
    return readdirSync(folder).sort()
  } catch (cause) {
    throw fileUnreadable(folder, cause)
  }
}

/** The text of a file; undefined where it cannot be used, which is reported. */
function readText(path: string, row: number, name: string, badRows: BadRows): string | undefined {
  let problem = rowProblem('file-empty', { file: name })
  try {
    const text = wholeText(join(path, name))
    if (text !== '') return text
  } catch (thrown) {
    if (!(thrown instanceof EngineError)) throw thrown
    problem = `${name}: ${thrown.message}`
  }
  badRows.report(dataInvalid(path, row, '', problem))
  return undefined
}

function wholeText(path: string): string {
  const lines: string[] = []
  let length = 0
  for (const { text } of readLines(openTextFile(path), collectBadRows(false))) {
    lines.push(text)
    length += text.length + 1
    if (length > maxLineBytes) {
      throw dataInvalid(path, 0, '', `expected a text of at most ${maxLineBytes} characters, found more`)
    }
  }
  return lines.join('\n').trim()
}
