import type { PlacedOnnxTensor } from '../../formats/onnx/open-onnx.js'
import { readFloats } from '../../quantization/read-floats.js'

/** Of one of a tensor's floats. */
export function floatBytes({ dtype }: Pick<PlacedOnnxTensor, 'dtype'>): number {
  return dtype === 'F32' ? 4 : 2
}

/** How numbers of a matrix lie in a tensor. */
export interface Grid {
  readonly rows: number
  readonly columns: number
  /** Whether they lie column by column. */
  readonly isTransposed: boolean
}

/** A run of neighbours in a tensor, and where in the rows that are read its numbers belong. */
interface Strip {
  /** Of its first element in the tensor. */
  readonly element: number
  readonly length: number
  /** Of its first number among those that are read, row by row, and the step to the next. */
  readonly place: number
  readonly step: number
}

/** Where rows `first` … `first` + `count` − 1 are. @param rowLength elements from a row to the next, with what pads it */
export function* stripsOf(
  { rows, columns, isTransposed }: Grid,
  first: number,
  count: number,
  rowLength = columns,
): Generator<Strip> {
  if (!isTransposed && rowLength === columns) {
    yield { element: first * columns, length: count * columns, place: 0, step: 1 }
  } else if (!isTransposed) {
    for (let row = 0; row < count; row++) {
      yield { element: (first + row) * rowLength, length: columns, place: row * columns, step: 1 }
    }
  } else {
    for (let column = 0; column < columns; column++) {
      yield { element: column * rows + first, length: count, place: column, step: columns }
    }
  }
}

/** Rows of floats, shape [count, columns]. Throws as `readFloats`. */
export function readFloatRows(
  tensor: PlacedOnnxTensor,
  grid: Grid,
  first: number,
  count: number,
): Float32Array {
  const { name, dtype: type, source, offset } = tensor
  const bytes = floatBytes(tensor)
  const values = new Float32Array(count * grid.columns)
  for (const { element, length, place, step } of stripsOf(grid, first, count)) {
    const part = { name, type, shape: [length], offset: offset + element * bytes, byteLength: length * bytes }
    const found = readFloats(source, part)
    if (step === 1) values.set(found, place)
    else for (let at = 0; at < length; at++) values[place + at * step] = found[at]
  }
  return values
}

/** Rows of elements of `bytes` bytes, as they are, shape [count, columns]. */
export function readRawRows(
  { source, offset }: PlacedOnnxTensor,
  bytes: number,
  grid: Grid,
  first: number,
  count: number,
): Uint8Array {
  const target = new Uint8Array(count * grid.columns * bytes)
  for (const { element, length, place, step } of stripsOf(grid, first, count)) {
    if (step === 1) {
      source.readInto(offset + element * bytes, target.subarray(place * bytes, (place + length) * bytes))
    } else {
      const found = source.view(offset + element * bytes, length * bytes)
      for (let at = 0; at < length; at++) {
        for (let byte = 0; byte < bytes; byte++) {
          target[(place + at * step) * bytes + byte] = found[at * bytes + byte]
        }
      }
    }
  }
  return target
}

/** Rows of codes, one a byte, shape [count, columns]; 4-bit codes lie two in a byte, the low half first. */
export function readCodeRows(
  { source, offset }: PlacedOnnxTensor,
  { bits, isPadded }: { readonly bits: 4 | 8; readonly isPadded: boolean },
  grid: Grid,
  first: number,
  count: number,
): Uint8Array {
  const { columns } = grid
  const perByte = 8 / bits
  const codes = new Uint8Array(count * columns)
  const rowLength = isPadded ? Math.ceil(columns / perByte) * perByte : columns
  for (const { element, length, place, step } of stripsOf(grid, first, count, rowLength)) {
    const firstByte = Math.floor(element / perByte)
    const found = source.view(offset + firstByte, Math.ceil((element + length) / perByte) - firstByte)
    for (let at = 0; at < length; at++) {
      const within = element + at - firstByte * perByte
      const code = bits === 8 ? found[within] : (found[within >> 1] >> (4 * (within & 1))) & 15
      codes[place + at * step] = code
    }
  }
  return codes
}
