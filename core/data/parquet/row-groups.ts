import type { Compressors, DecodedArray, FileMetaData, RowGroup, SchemaTree } from 'hyparquet'
import { compressors as unlimited } from 'hyparquet-compressors'
import { assembleNested } from 'hyparquet/src/assemble.js'
import { readColumn } from 'hyparquet/src/column.js'
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js'
import { parquetSchema } from 'hyparquet/src/metadata.js'
import { getTreePath } from 'hyparquet/src/schema.js'
import { flatten } from 'hyparquet/src/utils.js'
import type { RandomAccessFile } from '../files/random-access.js'
import {
  checkLevelsApart,
  checkValues,
  columnPages,
  type ColumnPage,
  type PageColumn,
} from './check-pages.js'

/** Unpacked at once, about. */
const sliceBytes = 16 * 1024 * 1024
const fewestRows = 64
/** A page says how long it will be before it is unpacked; usual pages have 1 MB. */
const largestPage = 256 * 1024 * 1024

/** Unpacking for the pages of one column; what comes out is looked at before the library believes it. */
function checkedCompressors(pages: readonly ColumnPage[], column: PageColumn): Compressors {
  const byStart = new Map(pages.map((page) => [page.start + levelBytes(page), page]))
  return Object.fromEntries(
    Object.entries(unlimited).map(([codec, unpack]) => [
      codec,
      (input: Uint8Array, length: number) => {
        if (length > largestPage) throw new Error(`a page of ${length} bytes; the limit is ${largestPage}`)
        const output = unpack(input, length)
        const page = byStart.get(input.byteOffset)
        if (page !== undefined) checkValues(output, page, column)
        return output
      },
    ]),
  )
}

/** Looks at what is not packed, before the library does. */
function checkUnpacked(bytes: ArrayBuffer, pages: readonly ColumnPage[], column: PageColumn): void {
  for (const page of pages) {
    const { type, data_page_header_v2: second } = page.header
    const content = new Uint8Array(bytes, page.start, page.end - page.start)
    if (type === 'DATA_PAGE_V2') checkLevelsApart(content, page, column)
    if (column.meta.codec !== 'UNCOMPRESSED' && second?.is_compressed !== false) continue
    checkValues(content.subarray(levelBytes(page)), page, column)
  }
}

/** Bytes before the packed part of a page: the levels of the second version. */
function levelBytes({ header: { data_page_header_v2: second } }: ColumnPage): number {
  return second === undefined
    ? 0
    : second.repetition_levels_byte_length + second.definition_levels_byte_length
}

/**
 * Rows of a group from `start` on, as values by column. The library's own reading is asynchronous; what it is made of is not,
 * and rows are read one after the other here.
 */
export function* readGroupRows(
  metadata: FileMetaData,
  group: RowGroup,
  start: number,
  file: RandomAccessFile,
): Generator<ReadonlyMap<string, unknown>> {
  const schema = parquetSchema(metadata)
  const count = Number(group.num_rows)
  const perRow = Number(group.total_byte_size) / Math.max(1, count)
  const sliceRows = Math.max(fewestRows, Math.floor(sliceBytes / Math.max(1, perRow)))
  const chunks = columnChunks(group, schema, file)
  for (let first = start; first < count; first += sliceRows) {
    const end = Math.min(count, first + sliceRows)
    const columns = schema.children.map((child) => ({
      name: child.element.name,
      values: columnValues(child, chunks, first, end),
    }))
    const short = columns.find(({ values }) => values.skipped + values.data.length < end)
    if (short !== undefined) {
      const { name, values } = short
      throw new Error(`column '${name}' has ${values.skipped + values.data.length} rows of ${count}`)
    }
    for (let row = first; row < end; row++) {
      yield new Map(columns.map(({ name, values }) => [name, values.data[row - values.skipped]]))
    }
  }
}

/** The bytes of a column of one group, and how to read them. */
interface ColumnChunk {
  readonly path: readonly string[]
  read(first: number, end: number): { data: DecodedArray; skipped: number }
}

function columnChunks(group: RowGroup, schema: SchemaTree, file: RandomAccessFile): ColumnChunk[] {
  return group.columns.map(({ meta_data: meta, file_path: other }) => {
    if (meta === undefined || other !== undefined) throw new Error('its columns are in other files')
    const offset = Number(meta.dictionary_page_offset || meta.data_page_offset)
    const bytes = file.read(offset, Number(meta.total_compressed_size))
    const schemaPath = getTreePath(schema, meta.path_in_schema)
    const pages = columnPages(bytes, Number(meta.num_values))
    const column = { meta, schemaPath }
    checkUnpacked(bytes, pages, column)
    const decoder = {
      ...meta,
      pathInSchema: meta.path_in_schema,
      element: schemaPath[schemaPath.length - 1].element,
      schemaPath,
      compressors: checkedCompressors(pages, column),
      utf8: true,
      parsers: DEFAULT_PARSERS,
    }
    return {
      path: meta.path_in_schema,
      read: (first, end) => {
        const select = {
          groupStart: 0,
          groupRows: Number(group.num_rows),
          selectStart: first,
          selectEnd: end,
        }
        const found = readColumn({ view: new DataView(bytes), offset: 0 }, select, decoder)
        return { data: flatten(found.data), skipped: found.skipped }
      },
    }
  })
}

/** Values of a column of the table, put together from its parts where it is nested. */
function columnValues(
  child: SchemaTree,
  chunks: readonly ColumnChunk[],
  first: number,
  end: number,
): { data: DecodedArray; skipped: number } {
  const { name } = child.element
  const parts = chunks
    .filter(({ path }) => path[0] === name)
    .map((chunk) => ({ chunk, ...chunk.read(first, end) }))
  if (parts.length === 0) throw new Error(`it lacks column '${name}'`)
  if (child.children.length === 0) return parts[0]
  const skipped = Math.max(...parts.map((part) => part.skipped))
  const data = new Map(
    parts.map((part) => [part.chunk.path.join('.'), part.data.slice(skipped - part.skipped)]),
  )
  assembleNested(data, child, DEFAULT_PARSERS)
  const assembled = data.get(name)
  if (assembled === undefined) throw new Error(`column '${name}' could not be put together`)
  return { data: assembled, skipped }
}
