/** What a node is told beside its inputs; lists, tensors and graphs are left out. */
export type OnnxAttributes = ReadonlyMap<string, number | string>

/** One node of a graph. */
export interface OnnxNode {
  readonly name: string
  /** For instance `MatMulNBits`. */
  readonly operator: string
  /** Empty for the standard operators. */
  readonly domain: string
  /** Names of values; empty for an optional input that is left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: OnnxAttributes
}

/** Where the data of a tensor is: in the graph's own file, in another beside it, or in fields that nothing can be read from in place. */
export type OnnxTensorPlace =
  | { readonly kind: 'inside'; readonly offset: number; readonly byteLength: number }
  | {
      readonly kind: 'beside'
      readonly location: string
      readonly offset: number
      /** Null where the file does not say: all that the shape needs. */
      readonly byteLength: number | null
    }
  | { readonly kind: 'numbers' }

/** A constant of a graph. */
export interface OnnxTensor {
  readonly name: string
  /** For instance `F16` or `U4`; `type 99` for a number without a name. */
  readonly dtype: string
  readonly shape: readonly number[]
  /** That its shape needs; NaN for an unknown type. */
  readonly byteLength: number
  readonly place: OnnxTensorPlace
}

/** A value that goes into a graph or comes out of it. */
export interface OnnxValue {
  readonly name: string
  /** As of tensors; empty for what is no tensor. */
  readonly dtype: string
  /** Lengths, or the names of those that are known only when the graph runs; null where the graph does not say. */
  readonly shape: readonly (number | string)[] | null
}

/** A model in ONNX, without its numbers. */
export interface OnnxGraph {
  /** Version of the standard operators. */
  readonly operatorSet: number
  /** In older files constants are among them. */
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly nodes: readonly OnnxNode[]
  readonly tensors: ReadonlyMap<string, OnnxTensor>
}

/** The nodes of a graph by the values that they make. */
export type Makers = ReadonlyMap<string, OnnxNode>

export function makersOf({ nodes }: Pick<OnnxGraph, 'nodes'>): Makers {
  return new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node])))
}

/** Name and bits of an element, by its number in onnx.TensorProto.DataType. Source: onnx.proto of ONNX 1.18. */
const elements: ReadonlyMap<number, readonly [name: string, bits: number]> = new Map([
  [1, ['F32', 32]],
  [2, ['U8', 8]],
  [3, ['I8', 8]],
  [6, ['I32', 32]],
  [7, ['I64', 64]],
  [9, ['BOOL', 8]],
  [10, ['F16', 16]],
  [11, ['F64', 64]],
  [16, ['BF16', 16]],
  [21, ['U4', 4]],
  [22, ['I4', 4]],
])

/** The name of an element type. */
export function elementName(number: number): string {
  return elements.get(number)?.[0] ?? `type ${number}`
}

/** Bytes of a tensor; 4-bit elements lie two in a byte. NaN for an unknown type. */
export function tensorBytes(number: number, shape: readonly number[]): number {
  const count = shape.reduce((product, length) => product * length, 1)
  return Math.ceil((count * (elements.get(number)?.[1] ?? NaN)) / 8)
}

/** Type and shape for people, such as `F32 [batch, 16]`; only the type where the shape is not known. */
export function describedShape(dtype: string, shape: readonly (number | string)[] | null): string {
  if (shape === null) return dtype
  return `${dtype} [${shape.map((length) => (length === '' ? '?' : length)).join(', ')}]`
}
