import type { SparseValues } from '../sparse-values.js'

/** Scalar types of a GGUF metadata value, by their number in the file. Source: GGUF specification, ggml docs/gguf.md. */
export const ggufScalarTypes = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'float32',
  'bool',
  'string',
  'array',
  'uint64',
  'int64',
  'float64',
] as const
export type GgufValueType = (typeof ggufScalarTypes)[number]

/** One metadata value with the type it has in the file, so that a file can be written back unchanged. */
export type GgufValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'uint64' | 'int64'; readonly value: bigint }
  | {
      readonly type: Exclude<GgufValueType, 'string' | 'bool' | 'uint64' | 'int64' | 'array'>
      readonly value: number
    }
  | { readonly type: 'array'; readonly value: GgufArray }

/** Strings stay strings; numbers of up to 32 bits and floats become numbers; 64-bit integers become bigints. */
export interface GgufArray {
  readonly itemType: Exclude<GgufValueType, 'array'>
  readonly items: readonly (string | number | bigint | boolean)[]
}

/** One tensor's entry in the header. */
export interface GgufTensor {
  readonly name: string
  /** Name in ggml, for instance `Q4_1`; `type 99` where the number has no name. */
  readonly type: string
  /** Row major: [rows, columns] for a matrix (GGUF itself lists columns first), [length] for a vector. */
  readonly shape: readonly number[]
  /** Absolute position in the file. */
  readonly offset: number
  readonly byteLength: number
  /** Whether the 5-bit codes of every block are known to lie within 16 of each other, so that 4 bits and a zero point hold them. */
  readonly hasNarrowBlocks?: boolean
  /** Weights that stand in place of those that its codes say, which are 0; of types with a table only. */
  readonly outliers?: SparseValues
}

/** How another program packed the linears of a model that is read as if it were a GGUF file. */
export interface PackedOrigin {
  readonly method: 'gptq' | 'awq'
  readonly bits: 4 | 8
  /** Matrices that no type holds exactly: they are read as half floats. */
  readonly roundedTensorCount: number
}

/** A parsed GGUF header. Tensor data stays in the file. */
export interface GgufFile {
  readonly path: string
  readonly version: 2 | 3
  readonly alignment: number
  readonly metadata: ReadonlyMap<string, GgufValue>
  readonly tensors: ReadonlyMap<string, GgufTensor>
  /** Where tensor data starts. */
  readonly dataOffset: number
  readonly byteLength: number
  /** Absent where nothing was packed. */
  readonly packedOrigin?: PackedOrigin
  /** What a model is that is read as if it were a GGUF file; absent for one that is. */
  readonly readFrom?: 'safetensors' | 'onnx'
}
