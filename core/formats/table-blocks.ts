import { codeTableNames, type CodeTableName } from '../schema/code-table.js'

/** Values of a block that share a scale. */
export const tableBlockLengths = [16, 32, 64, 128] as const
export type TableBlockLength = (typeof tableBlockLengths)[number]

/**
 * Types for blocks of 4-bit codes that look their values up in a table, with a scale in float32: `NF4_64` is NF4 in blocks of
 * 64. No GGUF file has them: they are what a folder of such weights is read as.
 *
 * A block is [scale: float32][codes, neighbours together, low nibble first]; value = scale · table[code].
 */
export type TableBlockType = `${Uppercase<CodeTableName>}_${TableBlockLength}`

/** What the name of a type says. */
export interface TableBlocks {
  readonly table: CodeTableName
  readonly blockLength: TableBlockLength
}

const all: readonly TableBlocks[] = codeTableNames.flatMap((table) =>
  tableBlockLengths.map((blockLength) => ({ table, blockLength })),
)

const byName: ReadonlyMap<string, TableBlocks> = new Map(all.map((each) => [tableBlockType(each), each]))

/** The name of a type. */
export function tableBlockType({ table, blockLength }: TableBlocks): TableBlockType {
  return `${table.toUpperCase() as Uppercase<CodeTableName>}_${blockLength}`
}

/** Whether a type is one of blocks with a table. */
export function isTableBlockType(name: string): name is TableBlockType {
  return byName.has(name)
}

/** What a type of blocks with a table is. Throws TypeError for another. */
export function tableBlocks(type: TableBlockType): TableBlocks {
  const found = byName.get(type)
  if (found === undefined) throw new TypeError(`'${type}' is no type of blocks with a table`)
  return found
}

/** Bytes of a block before its codes. */
export const tableBlockHead = 4

/** How each of these types lays values out. */
export const tableBlockTypes = all.map((each) => ({
  name: tableBlockType(each),
  blockLength: each.blockLength,
  blockBytes: tableBlockHead + each.blockLength / 2,
}))
