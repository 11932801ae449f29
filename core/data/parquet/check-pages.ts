import type { ColumnMetaData, PageHeader, SchemaTree } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from 'hyparquet/src/schema.js'
import { checkDeltas, checkRuns, type Cursor } from './check-runs.js'

/** Values of one page; usual pages have 20,000, and one run in a column that is always the same may be a million. */
const mostValues = 16 * 1024 * 1024

/** A page of a column, as its header describes it. */
export interface ColumnPage {
  readonly header: PageHeader
  /** Where what follows the header begins and ends, in the bytes of the column. */
  readonly start: number
  readonly end: number
}

/**
 * The pages of a column. The library believes what their headers say, so what cannot be is refused here.
 *
 * @throws Error
 */
export function columnPages(bytes: ArrayBuffer, mostInColumn: number): readonly ColumnPage[] {
  const reader = { view: new DataView(bytes), offset: 0 }
  const pages: ColumnPage[] = []
  while (reader.offset < bytes.byteLength - 1) {
    const header = parquetHeader(reader)
    const {
      data_page_header: first,
      data_page_header_v2: second,
      dictionary_page_header: dictionary,
    } = header
    const size = header.compressed_page_size
    const end = reader.offset + size
    if (!(size >= 0) || end > bytes.byteLength) throw new Error(`a page of ${size} bytes beyond its column`)
    for (const count of [first?.num_values, second?.num_values, second?.num_rows, dictionary?.num_values]) {
      if (count !== undefined && !(count >= 0 && count <= Math.min(mostValues, mostInColumn))) {
        throw new Error(`a page of ${count} values in a column of ${mostInColumn}`)
      }
    }
    pages.push({ header, start: reader.offset, end })
    reader.offset = end
  }
  return pages
}

/** What decides how the values of a page are written. */
export interface PageColumn {
  readonly meta: ColumnMetaData
  readonly schemaPath: SchemaTree[]
}

/**
 * Follows the values of an unpacked data page, or of the part after the levels, which the second version keeps apart.
 *
 * @param bytes of the page; in the second version, of its values alone
 * @throws Error for what the library would write out without end
 */
export function checkValues(bytes: Uint8Array, { header }: ColumnPage, column: PageColumn): void {
  const { data_page_header: first, data_page_header_v2: second } = header
  const cursor = { bytes, at: 0 }
  if (header.type === 'DATA_PAGE' && first !== undefined) {
    const { schemaPath } = column
    const maximum = getMaxDefinitionLevel(schemaPath)
    if (schemaPath.length > 1) checkLevels(cursor, getMaxRepetitionLevel(schemaPath), first.num_values)
    const filled = checkLevels(cursor, maximum, first.num_values)
    checkEncoding(cursor, first.encoding, filled, column)
  } else if (header.type === 'DATA_PAGE_V2' && second !== undefined) {
    checkEncoding(cursor, second.encoding, second.num_values - second.num_nulls, column)
  }
}

/** The levels of a page of the second version, which are never packed. @throws Error */
export function checkLevelsApart(
  bytes: Uint8Array,
  { header }: ColumnPage,
  { schemaPath }: PageColumn,
): void {
  const { data_page_header_v2: second } = header
  if (second === undefined) throw new Error('a page without its header')
  const { repetition_levels_byte_length: repeated, definition_levels_byte_length: defined } = second
  if (!(repeated >= 0 && defined >= 0 && repeated + defined <= bytes.length)) {
    throw new Error(`levels of ${repeated} and ${defined} bytes in a page of ${bytes.length}`)
  }
  if (!(second.num_nulls >= 0 && second.num_nulls <= second.num_values)) {
    throw new Error(`${second.num_nulls} nulls among ${second.num_values} values`)
  }
  const check = (start: number, end: number, maximum: number): void => {
    if (maximum > 0)
      checkRuns({ bytes: bytes.subarray(start, end), at: 0 }, widthOf(maximum), second.num_values)
  }
  check(0, repeated, getMaxRepetitionLevel(schemaPath))
  check(repeated, repeated + defined, getMaxDefinitionLevel(schemaPath))
}

/** Levels with their length before them. Returns how many values are not null. */
function checkLevels(cursor: Cursor, maximum: number, count: number): number {
  if (maximum === 0) return count
  const { bytes } = cursor
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(cursor.at, true)
  const start = cursor.at + 4
  if (start + length > bytes.length) throw new Error(`levels of ${length} bytes beyond their page`)
  cursor.at = start
  const filled = checkRuns(cursor, widthOf(maximum), count, maximum)
  cursor.at = start + length
  return filled
}

function checkEncoding(
  cursor: Cursor,
  encoding: string | undefined,
  count: number,
  { meta: { type }, schemaPath }: PageColumn,
): void {
  if (count === 0) return
  switch (encoding) {
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY': {
      const width = cursor.bytes[cursor.at++]
      if (!(width <= 32)) throw new Error(`places in a dictionary of ${width} bits`)
      if (width > 0) checkRuns(cursor, width, count)
      break
    }
    case 'RLE':
      cursor.at += 4
      checkRuns(cursor, 1, count)
      break
    case 'DELTA_BINARY_PACKED':
    case 'DELTA_LENGTH_BYTE_ARRAY':
    case 'DELTA_BYTE_ARRAY':
      checkDeltas(cursor, count, encoding === 'DELTA_BYTE_ARRAY')
      break
    case 'BYTE_STREAM_SPLIT': {
      const { type_length: length = 0 } = schemaPath[schemaPath.length - 1].element
      const width = type === 'FIXED_LEN_BYTE_ARRAY' ? length : 4
      if (count * width > cursor.bytes.length) throw new Error(`${count} values beyond the end of the page`)
    }
  }
}

function widthOf(maximum: number): number {
  return 32 - Math.clz32(maximum)
}
