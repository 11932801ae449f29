/** A GGUF file that was written. */
export interface GgufExport {
  readonly path: string
  readonly byteLength: number
  /** SHA-256 of the whole file, in hexadecimal. */
  readonly sha256: string
  readonly trainedTensorCount: number
  /** Whether every byte outside of trained tensors is the base file's; otherwise the file is a new one. */
  readonly keepsBase: boolean
  /** Largest `relativeError` of a stored number, such as a scale: what rounding to the file's own type costs. */
  readonly largestRoundingError: number
}
