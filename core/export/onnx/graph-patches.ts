import type { ByteSource } from '../../formats/byte-source.js'
import type { PlacedOnnxTensor } from '../../formats/onnx/open-onnx.js'
import type { OpenOnnxModel } from '../../model/onnx/open-onnx-model.js'
import type { FloatMatrix, StoredMatrix } from '../../model/onnx/stored-matrix.js'
import { floatBytes } from '../../model/onnx/stored-numbers.js'
import type { MatrixPart, VectorPart } from '../../model/onnx/graph-parts.js'
import { floatFormatOf } from '../../quantization/encode-rows.js'
import { relativeError, unrepresentable } from '../../quantization/stored-number.js'
import type { TrainedTensor } from '../trained-tensors.js'
import { changedBlocks, type ChangedRows } from './changed-blocks.js'
import { writeBlocks, type NewData } from './write-blocks.js'

/**
 * What training makes of the tensors of a graph, one matrix in memory at a time; those that stay as they are are left out.
 *
 * @throws EngineError `value-unrepresentable`, `file-unreadable`
 */
export function* graphPatches(
  { source, parts }: OpenOnnxModel,
  trained: readonly TrainedTensor[],
): Generator<NewData> {
  const byName = new Map(trained.map((item) => [item.tensor.name, item]))
  for (const [matrix, ofMatrix] of grouped(parts.matrices, ({ matrix }) => matrix)) {
    const rows = ofMatrix.flatMap((part) => changedRows(source, part, byName.get(part.name)))
    if (rows.length > 0) yield* newDataOf(matrix, rows).filter(isChanged)
  }
  for (const [tensor, ofTensor] of grouped(parts.vectors, ({ tensor }) => tensor)) {
    const isTrained = ofTensor.some(({ name }) => byName.has(name))
    if (isTrained) yield* [newVector(tensor, ofTensor, byName)].filter(isChanged)
  }
}

function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

function changedRows(
  source: ByteSource,
  part: MatrixPart,
  trained: TrainedTensor | undefined,
): ChangedRows[] {
  if (trained === undefined) return []
  const { offset, byteLength } = trained.tensor
  return [{ part, before: source.read(offset, byteLength), after: trained.encode(source).bytes }]
}

function newDataOf(matrix: StoredMatrix, rows: readonly ChangedRows[]): NewData[] {
  if (matrix.kind === 'floats') return [newFloats(matrix, rows)]
  return writeBlocks(
    matrix,
    rows.flatMap((each) => [...changedBlocks(matrix, each)]),
  )
}

/** Floats keep the file's type, and so their bytes. */
function newFloats(
  { tensor, rows, columns, isTransposed }: FloatMatrix,
  changed: readonly ChangedRows[],
): NewData {
  const bytes = tensor.source.read(tensor.offset, tensor.byteLength)
  const width = floatBytes(tensor)
  for (const { part, after } of changed) {
    for (let row = 0; row < part.rows; row++) {
      const stored = part.firstRow + part.order.rowBefore(row)
      for (let column = 0; column < columns; column++) {
        const element = isTransposed ? column * rows + stored : stored * columns + column
        const from = (row * columns + column) * width
        bytes.set(after.subarray(from, from + width), element * width)
      }
    }
  }
  return { tensor, bytes, roundingError: 0 }
}

function newVector(
  tensor: PlacedOnnxTensor,
  parts: readonly VectorPart[],
  trained: ReadonlyMap<string, TrainedTensor>,
): NewData {
  const bytes = tensor.source.read(tensor.offset, tensor.byteLength)
  const outline = { ...tensor, type: tensor.dtype }
  const format = floatFormatOf(outline)
  const view = new DataView(bytes.buffer)
  let roundingError = 0
  for (const { name, first, length, indexBefore } of parts) {
    const values = new Float32Array(length)
    const item = trained.get(name)
    if (item === undefined) continue
    item.readRows(tensor.source)(0, values)
    values.forEach((value, index) => {
      const place = first + indexBefore(index)
      if (!format.write(view, place * format.byteLength, value)) throw unrepresentable(outline, place, value)
      roundingError = Math.max(
        roundingError,
        relativeError(format.read(view, place * format.byteLength), value),
      )
    })
  }
  return { tensor, bytes, roundingError }
}

function isChanged({ tensor: { source, offset, byteLength }, bytes }: NewData): boolean {
  return Buffer.compare(bytes, source.read(offset, byteLength)) !== 0
}
