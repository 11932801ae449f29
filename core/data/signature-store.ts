import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { ScratchFile } from '../formats/scratch-file.js'
import { signatureLength, similarity } from './min-hash.js'

/** Rows of a chunk; a chunk is written, or kept, as a whole: 1 MB. */
const chunkRows = 4096
/** Rows whose signatures stay in memory: 32 MB. */
export const signaturesInMemory = 128 * 1024
/** Rows that are read from the file at a time, and how many such pages are remembered: 4 MB. */
const pageRows = 16
const pageCount = 1024
const pageNumbers = pageRows * signatureLength

/** How many signatures stay in memory, and where the others go. */
export interface SignatureStoreOptions {
  /** For signatures beyond the limit; null keeps all in memory. */
  readonly scratchFolder: string | null
  readonly limitRows?: number
}

/**
 * A MinHash signature a row, 256 bytes each. Beyond a limit they go to a file, which has no name while it is used and is gone with
 * the store, so that memory does not grow with them.
 */
export class SignatureStore {
  readonly #options: SignatureStoreOptions
  readonly #limitChunks: number
  readonly #chunks: Uint32Array[] = []
  #file: ScratchFile | null = null
  #chunk = new Uint32Array(chunkRows * signatureLength)
  #count = 0
  #pages = new Uint32Array(0)
  /** Which page of the file each remembered one is; −1 for none. */
  readonly #pageAt = new Int32Array(pageCount).fill(-1)

  constructor(options: SignatureStoreOptions) {
    this.#options = options
    this.#limitChunks = Math.ceil((options.limitRows ?? signaturesInMemory) / chunkRows)
  }

  /**
   * Room for the signature of the next row, to be filled at once.
   *
   * @throws EngineError 'file-unwritable'
   */
  next(): Uint32Array {
    const row = this.#count % chunkRows
    if (row === 0 && this.#count > 0) this.#finishChunk()
    this.#count++
    return this.#chunk.subarray(row * signatureLength, (row + 1) * signatureLength)
  }

  /** Copies the signature of a row to `target`. */
  read(row: number, target: Uint32Array): void {
    const { numbers, start } = this.#placeOf(row)
    for (let bin = 0; bin < signatureLength; bin++) target[bin] = numbers[start + bin]
  }

  /** The share of bins in which a signature and that of a row agree. */
  similarity(signature: Uint32Array, row: number): number {
    const { numbers, start } = this.#placeOf(row)
    return similarity(signature, numbers, start)
  }

  #placeOf(row: number): { readonly numbers: Uint32Array; readonly start: number } {
    const chunk = Math.floor(row / chunkRows)
    const start = (row % chunkRows) * signatureLength
    if (chunk < this.#chunks.length) return { numbers: this.#chunks[chunk], start }
    if (chunk === Math.floor((this.#count - 1) / chunkRows)) return { numbers: this.#chunk, start }
    return this.#pageOf(row - this.#chunks.length * chunkRows)
  }

  /** @param row counted from the first that is in the file */
  #pageOf(row: number): { readonly numbers: Uint32Array; readonly start: number } {
    const page = Math.floor(row / pageRows)
    const place = page % pageCount
    if (this.#pages.length === 0) this.#pages = new Uint32Array(pageCount * pageNumbers)
    const numbers = this.#pages.subarray(place * pageNumbers, (place + 1) * pageNumbers)
    if (this.#pageAt[place] !== page) {
      this.#file?.read(numbers, 4 * page * pageNumbers)
      this.#pageAt[place] = page
    }
    return { numbers, start: (row % pageRows) * signatureLength }
  }

  #finishChunk(): void {
    const { scratchFolder } = this.#options
    if (this.#chunks.length < this.#limitChunks || scratchFolder === null) {
      this.#chunks.push(this.#chunk)
      this.#chunk = new Uint32Array(chunkRows * signatureLength)
      return
    }
    this.#file ??= openFile(scratchFolder, this)
    const written = this.#count - chunkRows * (this.#chunks.length + 1)
    this.#file.write(this.#chunk, 4 * written * signatureLength)
  }
}

// Rows are values that hosts hand around; nobody says when the last of them is gone.
const files = new FinalizationRegistry((file: ScratchFile) => file.close())

function openFile(folder: string, store: SignatureStore): ScratchFile {
  const file = new ScratchFile(join(folder, `.zerotune-signatures-${randomUUID()}.tmp`), {
    content: 'file of row signatures',
    advice: 'free space there, or use fewer rows',
  })
  file.forgetName()
  files.register(store, file)
  return file
}
