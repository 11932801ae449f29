import type { FileMetaData, RowGroup } from 'hyparquet'
import { parquetMetadata } from 'hyparquet/src/metadata.js'
import { EngineError } from '../../schema/engine-error.js'
import { rowProblem } from '../../schema/row-problems.js'
import type { BadRows } from '../bad-rows.js'
import { dataInvalid } from '../data-error.js'
import { openRandomAccess, type RandomAccessFile } from '../files/random-access.js'
import { readGroupRows } from './row-groups.js'
import { plainValue } from './plain-value.js'
import type { LinePlace } from '../read-lines.js'
import type { Row } from '../row.js'

const magic = 'PAR1'
const footerTail = 8
const largestFooter = 64 * 1024 * 1024
/** Bytes of a row group when unpacked; packed, they are held at once. */
const largestGroup = 1024 * 1024 * 1024

/** True for the first bytes of a Parquet file. */
export function isParquet(head: Uint8Array): boolean {
  return Buffer.from(head.subarray(0, magic.length)).toString('latin1') === magic
}

/**
 * Names of the columns of a Parquet file.
 *
 * @throws file-unreadable, data-invalid
 */
export function parquetColumns(path: string): readonly string[] {
  return columnNames(metadataOf(path))
}

/**
 * How many rows a Parquet file says that it has.
 *
 * @throws file-unreadable, data-invalid
 */
export function parquetRowCount(path: string): number {
  return metadataOf(path).row_groups.reduce((sum, { num_rows: count }) => sum + Number(count), 0)
}

function metadataOf(path: string): FileMetaData {
  const file = openRandomAccess(path)
  try {
    return readMetadata(file)
  } finally {
    file.close()
  }
}

/**
 * Rows of a Parquet file, a group of rows at a time; of a group, only the pages of some rows are unpacked at once. Nested
 * columns become lists and objects. What is damaged ends the reading.
 *
 * Source: Apache Parquet format 2.11.
 *
 * @param from `offset`: rows before the first to read
 * @throws file-unreadable, data-invalid
 */
export function* readParquet(path: string, badRows: BadRows, from: LinePlace): Generator<Row> {
  const file = openRandomAccess(path)
  let row = from.offset
  try {
    const metadata = readMetadata(file)
    const names = columnNames(metadata)
    let first = 0
    for (const group of metadata.row_groups) {
      const count = Number(group.num_rows)
      if (row < first + count) {
        refuseLarge(path, row, group)
        for (const values of explained(path, row, readGroupRows(metadata, group, row - first, file))) {
          const fields = new Map(names.map((name) => [name, plainValue(values.get(name))]))
          yield { line: row + 1, fields, offset: row }
          row++
        }
      }
      first += count
    }
  } catch (thrown) {
    const error = EngineError.from(thrown)
    if (error.code !== 'data-invalid') throw thrown
    badRows.report(error)
  } finally {
    file.close()
  }
}

function readMetadata(file: RandomAccessFile): FileMetaData {
  const { path, byteLength } = file
  const tailBytes = Math.min(footerTail, byteLength)
  const tail = Buffer.from(file.read(byteLength - tailBytes, tailBytes))
  if (tail.toString('latin1', 4) !== magic) {
    throw dataInvalid(
      path,
      0,
      '',
      'expected a whole Parquet file, found no footer at its end; is it cut off?',
    )
  }
  const length = tail.readUInt32LE(0) + footerTail
  if (length > Math.min(largestFooter, byteLength)) {
    throw dataInvalid(
      path,
      0,
      '',
      `expected a Parquet footer of at most ${largestFooter} bytes, found ${length}`,
    )
  }
  try {
    return parquetMetadata(file.read(byteLength - length, length))
  } catch (thrown) {
    throw damaged(path, 0, thrown)
  }
}

/** Names at the top of the schema, which is a tree laid out depth first. */
function columnNames({ schema }: FileMetaData): readonly string[] {
  const names: string[] = []
  let inside = 0
  for (const { name, num_children: children = 0 } of schema.slice(1)) {
    if (inside === 0) names.push(name)
    else inside--
    inside += children
  }
  return names
}

function refuseLarge(path: string, row: number, { total_byte_size: size }: RowGroup): void {
  if (Number(size) <= largestGroup) return
  const problem = rowProblem('groups-large', { total: largestGroup, count: Number(size) })
  throw dataInvalid(path, row + 1, '', problem)
}

/** Whatever the library throws is a damaged file, or one with a feature that it lacks. */
function* explained<T>(path: string, row: number, values: Iterator<T>): Generator<T> {
  for (;;) {
    let next: IteratorResult<T>
    try {
      next = values.next()
    } catch (thrown) {
      throw damaged(path, row + 1, thrown)
    }
    if (next.done === true) return
    yield next.value
  }
}

function damaged(path: string, row: number, thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return EngineError.from(thrown)
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return dataInvalid(path, row, '', rowProblem('parquet-damaged', { reason }))
}
