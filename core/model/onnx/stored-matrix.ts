import type { PlacedOnnxTensor } from '../../formats/onnx/open-onnx.js'
import { integerBlockType, type IntegerBlockLength } from '../../formats/integer-blocks.js'

/**
 * The zero points of blocks, by rows as the codes are.
 *
 * `codes`: packed as the codes; `isPadded` where every row begins with a byte. `floats`: numbers of their own. `offsets`:
 * (middle − zero point) · scale, as our own exports have them.
 */
export type ZeroPoints =
  | { readonly kind: 'same'; readonly value: number }
  | { readonly kind: 'codes'; readonly tensor: PlacedOnnxTensor; readonly isPadded: boolean }
  | { readonly kind: 'floats' | 'offsets'; readonly tensor: PlacedOnnxTensor }

/** A matrix of codes: value = (code − zero point) · scale of its block. */
export interface BlockMatrix {
  readonly kind: 'blocks'
  readonly rows: number
  readonly columns: number
  readonly bits: 4 | 8
  /** Neighbouring columns that share a scale. */
  readonly blockLength: IntegerBlockLength
  readonly codes: PlacedOnnxTensor
  /** Shape [rows, columns / blockLength]. */
  readonly scales: PlacedOnnxTensor
  readonly zeroPoints: ZeroPoints
  /** Whether codes are signed: the middle, 2^(bits − 1), is then added to them and their zero points. */
  readonly isSigned: boolean
  /** Whether all of these are stored column by column. */
  readonly isTransposed: boolean
}

/** A matrix of floats. */
export interface FloatMatrix {
  readonly kind: 'floats'
  readonly rows: number
  readonly columns: number
  readonly tensor: PlacedOnnxTensor
  readonly isTransposed: boolean
}

/** A matrix [outputs, inputs] as a graph's file has it. */
export type StoredMatrix = BlockMatrix | FloatMatrix

/** The middle of the codes. */
export function middleOf({ bits }: Pick<BlockMatrix, 'bits'>): number {
  return 2 ** (bits - 1)
}

/** Whether a matrix has zero points other than the middle. */
export function hasZeroPoints({ zeroPoints, ...matrix }: BlockMatrix): boolean {
  return zeroPoints.kind !== 'same' || zeroPoints.value !== middleOf(matrix)
}

/** The type that a matrix is read as. */
export function typeOfMatrix(matrix: StoredMatrix): string {
  if (matrix.kind === 'floats') return matrix.tensor.dtype
  const { bits, blockLength } = matrix
  return integerBlockType({ bits, blockLength, hasZeroPoints: hasZeroPoints(matrix) })
}
