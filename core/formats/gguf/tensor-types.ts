import { integerBlockTypes, isIntegerBlockType, type IntegerBlockType } from '../integer-blocks.js'
import { isTableBlockType, tableBlockTypes, type TableBlockType } from '../table-blocks.js'

/** How a tensor type lays values out: every `blockLength` values of a row take `blockBytes` bytes. */
export interface TensorType {
  /** In GGUF; null for types that no GGUF file has. */
  readonly number: number | null
  readonly name: string
  readonly blockLength: number
  readonly blockBytes: number
}

/** Number in the file, name in ggml, values a block, bytes a block. Source: ggml.h and ggml-common.h of ggml. */
const rows: readonly (readonly [number, string, number, number])[] = [
  [0, 'F32', 1, 4],
  [1, 'F16', 1, 2],
  [2, 'Q4_0', 32, 18],
  [3, 'Q4_1', 32, 20],
  [6, 'Q5_0', 32, 22],
  [7, 'Q5_1', 32, 24],
  [8, 'Q8_0', 32, 34],
  [9, 'Q8_1', 32, 36],
  [10, 'Q2_K', 256, 84],
  [11, 'Q3_K', 256, 110],
  [12, 'Q4_K', 256, 144],
  [13, 'Q5_K', 256, 176],
  [14, 'Q6_K', 256, 210],
  [15, 'Q8_K', 256, 292],
  [16, 'IQ2_XXS', 256, 66],
  [17, 'IQ2_XS', 256, 74],
  [18, 'IQ3_XXS', 256, 98],
  [19, 'IQ1_S', 256, 50],
  [20, 'IQ4_NL', 32, 18],
  [21, 'IQ3_S', 256, 110],
  [22, 'IQ2_S', 256, 82],
  [23, 'IQ4_XS', 256, 136],
  [24, 'I8', 1, 1],
  [25, 'I16', 1, 2],
  [26, 'I32', 1, 4],
  [27, 'I64', 1, 8],
  [28, 'F64', 1, 8],
  [29, 'IQ1_M', 256, 56],
  [30, 'BF16', 1, 2],
  [31, 'Q4_0_4_4', 32, 18],
  [32, 'Q4_0_4_8', 32, 18],
  [33, 'Q4_0_8_8', 32, 18],
  [34, 'TQ1_0', 256, 54],
  [35, 'TQ2_0', 256, 66],
  [36, 'IQ4_NL_4_4', 32, 18],
  [37, 'IQ4_NL_4_8', 32, 18],
  [38, 'IQ4_NL_8_8', 32, 18],
  [39, 'MXFP4', 32, 17],
  [40, 'NVFP4', 64, 36],
  [41, 'Q1_0', 128, 18],
]

const types = rows.map(([number, name, blockLength, blockBytes]) => ({
  number,
  name,
  blockLength,
  blockBytes,
}))

const typesByNumber: ReadonlyMap<number, TensorType> = new Map(types.map((type) => [type.number, type]))
const typesByName: ReadonlyMap<string, TensorType> = new Map(
  [...types, ...[...integerBlockTypes, ...tableBlockTypes].map((type) => ({ number: null, ...type }))].map(
    (type) => [type.name, type],
  ),
)

/** The quantized tensor types whose values this version can read. */
export const quantizedTypes = [
  ...(['Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0'] as const),
  ...(['Q2_K', 'Q3_K', 'Q4_K', 'Q5_K', 'Q6_K'] as const),
  ...(['IQ4_NL', 'IQ4_XS'] as const),
] as const
export type QuantizedType = (typeof quantizedTypes)[number]

/** A type with codes and scales that no GGUF file has: a model in another form is read as it. */
export type ForeignBlockType = IntegerBlockType | TableBlockType

/** A type with codes and scales: one of GGUF's, or a foreign one. */
export type BlockType = QuantizedType | ForeignBlockType

export const floatTypes = ['F16', 'BF16', 'F32'] as const

/** The tensor types whose values this version can read. */
export const readableTypes = [...quantizedTypes, ...floatTypes] as const
export type ReadableType = (typeof readableTypes)[number]

/** Whether tensors of this type are quantized, and can be read. */
export function isQuantizedType(name: string): name is BlockType {
  return isGgufQuantizedType(name) || isForeignBlockType(name)
}

/** Whether tensors of this type are quantized, and a GGUF file may have them. */
export function isGgufQuantizedType(name: string): name is QuantizedType {
  return (quantizedTypes as readonly string[]).includes(name)
}

function isForeignBlockType(name: string): name is ForeignBlockType {
  return isIntegerBlockType(name) || isTableBlockType(name)
}

/** Whether tensors of this type can be read. */
export function isReadableType(name: string): name is ReadableType | ForeignBlockType {
  return (readableTypes as readonly string[]).includes(name) || isForeignBlockType(name)
}

/** The layout of a type, or undefined where ggml's number or name is not in the table. */
export function tensorType(numberOrName: number | string): TensorType | undefined {
  return typeof numberOrName === 'number' ? typesByNumber.get(numberOrName) : typesByName.get(numberOrName)
}

/** Name of a type number; `type 99` where the number has no name. */
export function tensorTypeName(number: number): string {
  return typesByNumber.get(number)?.name ?? `type ${number}`
}

/** Number of a type as `tensorTypeName` calls it: the inverse of that function. NaN for a type that GGUF has not. */
export function tensorTypeNumber(name: string): number {
  return typesByName.get(name)?.number ?? Number(name.slice('type '.length))
}
