import { createHash } from 'node:crypto'
import { bytesOf } from '../../formats/bytes-of.js'
import type { GgufTensor } from '../../formats/gguf/gguf-file.js'
import { rowAfterPermutation } from '../../model/hugging-face/tensor-map.js'
import { encodeRows, rowShape, type EncodedTensor, type ReadRow } from '../../quantization/encode-rows.js'
import type { QuantizedLinear } from './linear-quantizer.js'
import { readersOf } from './model-rows.js'
import { blockedShape, type FolderTensor, type SafetensorsRequest } from './plan-safetensors.js'

/** Makes the data of a folder's tensors, one after the other, and notes what it has to be when it is read back. */
export class FolderData {
  /** By GGUF's names, of rows in GGUF's order and of outliers. */
  readonly hashes = new Map<string, string>()
  readonly #request: SafetensorsRequest
  readonly #readerOf: (base: GgufTensor) => ReadRow
  /** The last linear that was quantized: its parts follow each other. */
  #quantized: { readonly base: GgufTensor; readonly tensor: QuantizedLinear } | null = null
  #largestRoundingError = 0

  constructor(request: SafetensorsRequest) {
    this.#request = request
    this.#readerOf = readersOf(request)
  }

  /** Of all values so far. */
  get largestRoundingError(): number {
    return this.#largestRoundingError
  }

  /** The data of a tensor. @throws EngineError as `encodeRows` */
  of(tensor: FolderTensor): Uint8Array {
    const { base, part, dtype, byteLength } = tensor
    if (part === null) {
      const outline = { name: base.name, type: dtype, shape: base.shape, byteLength }
      return this.#inFolderOrder(tensor, (read) => encodeRows(outline, read)).bytes
    }
    if (this.#quantized?.base !== base) this.#quantized = { base, tensor: this.#quantize(tensor) }
    return part.bytesOf(this.#quantized.tensor)
  }

  #quantize(tensor: FolderTensor): QuantizedLinear {
    const { base } = tensor
    const { quantizer } = this.#request
    if (quantizer === undefined) throw new TypeError(`nothing says how '${base.name}' is quantized`)
    const shape = blockedShape(base, quantizer)
    return this.#inFolderOrder(tensor, (read) => quantizer.quantize(base.name, shape, read))
  }

  /** Encodes rows in GGUF's order, for its hash, and in the folder's. */
  #inFolderOrder<T extends EncodedTensor>(
    { base, headWidth }: FolderTensor,
    encode: (read: ReadRow) => T,
  ): T {
    const read = this.#readerOf(base)
    const encoded = encode(read)
    this.hashes.set(base.name, hashOf(encoded))
    this.#largestRoundingError = Math.max(this.#largestRoundingError, encoded.roundingError)
    return headWidth === null ? encoded : encode(inFolderOrder(read, base, headWidth))
  }
}

/** SHA-256 of a tensor's data and of its outliers, in hexadecimal. */
export function hashOf({ bytes, outliers = null }: Omit<QuantizedLinear, 'roundingError'>): string {
  const hash = createHash('sha256').update(bytes)
  if (outliers !== null) hash.update(bytesOf(outliers.positions)).update(bytesOf(outliers.values))
  return hash.digest('hex')
}

/** Rows in Hugging Face's order; the values of a bias are rows of one. */
function inFolderOrder(read: ReadRow, base: GgufTensor, headWidth: number): ReadRow {
  if (base.shape.length === 2) return (row, target) => read(rowAfterPermutation(row, headWidth), target)
  const values = new Float32Array(rowShape(base).columns)
  return (_, target) => {
    read(0, values)
    values.forEach((_value, index) => (target[index] = values[rowAfterPermutation(index, headWidth)]))
  }
}
