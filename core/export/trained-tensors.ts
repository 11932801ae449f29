import type { LowRankMatrices, ModelChanges } from '../engine/model-changes.js'
import type { ByteSource } from '../formats/byte-source.js'
import type { GgufFile, GgufTensor } from '../formats/gguf/gguf-file.js'
import { linearNames, normNames, type LinearName, type VectorName } from '../model/description.js'
import { linearWeightName, vectorTensorName } from '../model/tensor-names.js'
import { constantBlocks } from '../quantization/constant-blocks.js'
import { dequantizeRow } from '../quantization/dequantize-row.js'
import { encodeMatrix, encodeVector, keepsBlocks } from '../quantization/encode-matrix.js'
import { encodeRows, type EncodedTensor, type ReadRow } from '../quantization/encode-rows.js'
import type { Matrix, QuantizedMatrix } from '../quantization/matrix.js'
import { readMatrix } from '../quantization/read-matrix.js'
import type { ScaleFactors } from '../quantization/scale-factors.js'
import { canReplaceCodes, replaceCodes } from '../quantization/replace-codes.js'
import { scaleMatrix } from '../quantization/scale-matrix.js'
import { canScaleBytes, scaleTensorBytes } from '../quantization/scale-tensor-bytes.js'
import { readVector } from '../quantization/read-vector.js'
import { mergeBranch, rowsWithBranch } from './merge-branch.js'

/** A tensor that training has changed, and its data in the layout of the file. */
export interface TrainedTensor {
  readonly tensor: GgufTensor
  /** @throws EngineError 'file-unreadable', 'value-unrepresentable' */
  readonly encode: (base: ByteSource) => EncodedTensor
  /** The values themselves, for another type; a vector is one row. */
  readonly readRows: (base: ByteSource) => ReadRow
}

/** The trained tensors of a file, fused ones in parts, in the order of their data. Changes that change nothing do not count. */
export function trainedTensors(
  base: ByteSource,
  file: GgufFile,
  layerCount: number,
  changes: ModelChanges,
): TrainedTensor[] {
  const trained: TrainedTensor[] = []
  for (let layer = 0; layer < layerCount; layer++) {
    for (const linear of linearNames) {
      const tensor = file.tensors.get(linearWeightName(layer, linear))
      const change = tensor && linearChange(changes, layer, linear)
      if (!change) continue
      trained.push({
        tensor,
        encode: (source) => encodeLinear(source, tensor, change),
        readRows: (source) => changedRows(source, tensor, change),
      })
    }
    for (const name of vectorNames) {
      const tensor = file.tensors.get(vectorTensorName(layer, name))
      const vector = changes.vector?.(layer, name) ?? null
      if (!tensor || vector === null || sameValues(vector, readVector(base, tensor))) continue
      trained.push({
        tensor,
        encode: () => encodeVector(tensor, vector),
        readRows: () => (_, target) => target.set(vector),
      })
    }
  }
  return trained.toSorted((left, right) => left.tensor.offset - right.tensor.offset)
}

/** What became of a linear's weight; at least one of them is there. */
interface LinearChange {
  readonly matrix: QuantizedMatrix | null
  readonly factors: ScaleFactors | null
  readonly branch: LowRankMatrices | null
}

function linearChange(changes: ModelChanges, layer: number, linear: LinearName): LinearChange | null {
  const factors = changes.scaleFactors?.(layer, linear) ?? null
  const branch = changes.branch?.(layer, linear) ?? null
  const change = {
    matrix: changes.matrix?.(layer, linear) ?? null,
    factors: factors?.values.every((factor) => factor === 1) === true ? null : factors,
    branch: branch?.up.every((value) => value === 0) === true ? null : branch,
  }
  return Object.values(change).every((part) => part === null) ? null : change
}

/**
 * Where only scales changed, and the type has room for that, every code stays as it is in the file, to the bit; where only
 * codes changed, every scale does.
 */
function encodeLinear(
  base: ByteSource,
  tensor: GgufTensor,
  { matrix, factors, branch }: LinearChange,
): EncodedTensor {
  if (matrix === null && branch === null && factors !== null && canScaleBytes(tensor, factors.values)) {
    const bytes = base.read(tensor.offset, tensor.byteLength)
    return { bytes, roundingError: scaleTensorBytes(tensor, bytes, factors.values) }
  }
  if (matrix !== null && branch === null && factors === null && canReplaceCodes(tensor)) {
    const before = readMatrix(base, tensor)
    if (before.kind === 'quantized' && hasOnlyOtherCodes(matrix, before)) {
      const bytes = base.read(tensor.offset, tensor.byteLength)
      replaceCodes(tensor, bytes, matrix.codes)
      return { bytes, roundingError: 0 }
    }
  }
  const change = { matrix, factors, branch }
  const scaled = scaledMatrix(base, tensor, change)
  if (branch === null) return encodeMatrix(tensor, scaled)
  return keepsBlocks(tensor)
    ? encodeMatrix(tensor, mergeBranch(scaled, branch))
    : encodeRows(tensor, rowsWithBranch(scaled, branch))
}

/** Codes of blocks whose scale in the file is 0 would mean nothing there. */
function hasOnlyOtherCodes(matrix: QuantizedMatrix, before: QuantizedMatrix): boolean {
  const { scales, zeroPoints, codes, blockSize, bits } = before
  const isSameGrid =
    sameValues(matrix.scales, scales) &&
    (zeroPoints === null || (matrix.zeroPoints !== null && sameValues(matrix.zeroPoints, zeroPoints)))
  const codeBytes = (blockSize * bits) / 8
  const codesOf = (all: Uint8Array, block: number): Uint8Array =>
    all.subarray(block * codeBytes, (block + 1) * codeBytes)
  return (
    isSameGrid &&
    constantBlocks(before).every(
      (block) => Buffer.compare(codesOf(matrix.codes, block), codesOf(codes, block)) === 0,
    )
  )
}

function changedRows(base: ByteSource, tensor: GgufTensor, change: LinearChange): ReadRow {
  const scaled = scaledMatrix(base, tensor, change)
  if (change.branch !== null) return rowsWithBranch(scaled, change.branch)
  return (row, target) => dequantizeRow(scaled, row, target, 0)
}

function scaledMatrix(base: ByteSource, tensor: GgufTensor, { matrix, factors }: LinearChange): Matrix {
  const replaced = matrix ?? readMatrix(base, tensor)
  return factors === null ? replaced : scaleMatrix(replaced, factors)
}

/** Of all architectures. */
const vectorNames: readonly VectorName[] = [
  ...normNames,
  ...[...normNames, ...linearNames].map((name) => `${name}.bias` as const),
]

function sameValues(one: Float32Array, other: Float32Array): boolean {
  return one.every((value, index) => value === other[index])
}
