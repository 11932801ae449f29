import type { PlacedOnnxTensor } from '../../formats/onnx/open-onnx.js'
import type { RowOrder } from '../unpacked-rows.js'
import type { StoredMatrix } from './stored-matrix.js'

/** Rows of a graph's matrix that are a tensor of GGUF's. */
export interface MatrixPart {
  /** In GGUF. */
  readonly name: string
  readonly matrix: StoredMatrix
  readonly firstRow: number
  readonly rows: number
  /** Of these rows, in GGUF. */
  readonly order: RowOrder
}

/** Numbers of a graph's vector that are a tensor of GGUF's. */
export interface VectorPart {
  /** In GGUF. */
  readonly name: string
  readonly tensor: PlacedOnnxTensor
  readonly first: number
  readonly length: number
  /** The number of the graph's that is each of these, from `first`. */
  readonly indexBefore: (index: number) => number
}

/** A graph's weights as the tensors that a GGUF file of the model would have. */
export interface GraphParts {
  readonly matrices: readonly MatrixPart[]
  readonly vectors: readonly VectorPart[]
}
