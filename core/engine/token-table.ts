import type { ByteSource } from '../formats/byte-source.js'
import type { GgufTensor } from '../formats/gguf/gguf-file.js'
import { formatOf, type LinearFormat } from '../graph/linear.js'
import { dequantizeRow } from '../quantization/dequantize-row.js'
import type { Matrix } from '../quantization/matrix.js'
import { readMatrix } from '../quantization/read-matrix.js'
import { tensorRows } from '../formats/gguf/tensor-rows.js'
import { RecentRows } from './recent-rows.js'

/** Rows that are checked at a time, and dropped again. */
const checkedRows = 1024
/** Of rows that were read, in floats: texts use the same few hundred tokens again and again. */
const recentBytes = 4e6

/**
 * A matrix with a row for each token: the embedding, or the output. Most work needs a few hundred of its rows, so it stays in
 * the file until somebody asks for the whole of it.
 */
export class TokenTable {
  readonly format: LinearFormat
  /** For what all rows have in common. */
  readonly firstRow: Matrix
  readonly #source: ByteSource
  readonly #tensor: GgufTensor
  #whole: Matrix | null = null
  /** The row that was read last, whose memory the next one takes. */
  #row: Matrix | null = null
  readonly #recent: RecentRows

  /**
   * @param source stays open as long as the table is used
   * @throws EngineError as `readMatrix`
   */
  constructor(source: ByteSource, tensor: GgufTensor) {
    this.#source = source
    this.#tensor = tensor
    this.firstRow = readMatrix(source, tensorRows(tensor, 0, 1))
    this.format = formatOf(this.firstRow)
    this.#recent = new RecentRows(this.firstRow.columns, recentBytes)
  }

  /** Looks at every row once. Throws as `readMatrix`. */
  check(): void {
    const [rows] = this.#tensor.shape
    for (let first = 0; first < rows; first += checkedRows) {
      readMatrix(this.#source, tensorRows(this.#tensor, first, Math.min(rows, first + checkedRows)))
    }
  }

  /**
   * Writes the float values of a token's row to `target` from `offset` on.
   *
   * @throws EngineError 'file-unreadable' where the file has changed since it was opened
   */
  readRow(token: number, target: Float32Array, offset: number): void {
    if (this.#whole !== null) {
      dequantizeRow(this.#whole, token, target, offset)
      return
    }
    const recent = this.#recent.find(token)
    if (recent !== null) {
      target.set(recent, offset)
      return
    }
    this.#source.checkUnchanged()
    this.#row = readMatrix(this.#source, tensorRows(this.#tensor, token, token + 1), this.#row)
    dequantizeRow(this.#row, 0, target, offset)
    this.#recent.keep(token, target.subarray(offset, offset + this.firstRow.columns))
  }

  /** The whole matrix, in memory from the first call on. Throws as `readRow`. */
  whole(): Matrix {
    if (this.#whole === null) {
      this.#source.checkUnchanged()
      this.#whole = readMatrix(this.#source, this.#tensor)
    }
    return this.#whole
  }
}
