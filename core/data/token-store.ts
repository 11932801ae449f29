import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { ScratchFile } from '../formats/scratch-file.js'

/** Tokens of a chunk; a chunk is written, or kept, as a whole. */
const chunkTokens = 64 * 1024
/** Tokens that are kept in memory; with 4 bytes each, 64 MB. */
export const tokensInMemory = 16 * 1024 * 1024

/** Where sequences of tokens are kept: how much stays in memory, and where the rest goes. */
export interface TokenStoreOptions {
  /** For tokens beyond the limit; null keeps all in memory. */
  readonly scratchFolder: string | null
  readonly limitTokens?: number
}

/** A mark beside a token takes this bit; vocabularies are far smaller. */
const markBit = 30
const idMask = (1 << markBit) - 1

/**
 * Many short token sequences, each token with a mark, one after the other in chunks: a buffer for each of 67,000 sentences would
 * take several times their own size. Beyond a limit chunks go to a file, which has no name while it is used and is gone with the
 * store; a sequence there costs one read.
 */
export class TokenStore {
  readonly #options: TokenStoreOptions
  readonly #limitChunks: number
  readonly #chunks: Int32Array[] = []
  #file: ScratchFile | null = null
  #chunk = new Int32Array(chunkTokens)
  /** Where each sequence starts, in tokens; the last entry is where the next one will. */
  #starts = new Float64Array(1024)
  #count = 0
  #chunkCount = 0
  #used = 0

  constructor(options: TokenStoreOptions) {
    this.#options = options
    this.#limitChunks = Math.ceil((options.limitTokens ?? tokensInMemory) / chunkTokens)
  }

  /**
   * Keeps a sequence and returns its number.
   *
   * @param isMarked by the place of a token
   * @throws EngineError 'file-unwritable'
   */
  keep(parts: readonly ArrayLike<number>[], isMarked: (place: number) => boolean = () => false): number {
    let place = 0
    for (const part of parts) {
      for (let at = 0; at < part.length; at++) {
        if (this.#used === chunkTokens) this.#finishChunk()
        this.#chunk[this.#used++] = part[at] | (isMarked(place++) ? 1 << markBit : 0)
      }
    }
    if (this.#count + 2 > this.#starts.length) {
      const grown = new Float64Array(2 * this.#starts.length)
      grown.set(this.#starts)
      this.#starts = grown
    }
    this.#starts[this.#count + 1] = this.#starts[this.#count] + place
    return this.#count++
  }

  /** Tokens of a sequence. */
  lengthOf(sequence: number): number {
    return this.#starts[sequence + 1] - this.#starts[sequence]
  }

  /** The ids of a sequence. */
  tokens(sequence: number): Int32Array {
    const read = this.#read(sequence)
    for (let at = 0; at < read.length; at++) read[at] &= idMask
    return read
  }

  /** 1 where a token of a sequence is marked. */
  marks(sequence: number): Uint8Array {
    return Uint8Array.from(this.#read(sequence), (value) => value >>> markBit)
  }

  #read(sequence: number): Int32Array {
    const start = this.#starts[sequence]
    const values = new Int32Array(this.lengthOf(sequence))
    for (let done = 0; done < values.length;) {
      const chunk = Math.floor((start + done) / chunkTokens)
      const at = start + done - chunk * chunkTokens
      const part = values.subarray(done, done + Math.min(values.length - done, chunkTokens - at))
      if (chunk === this.#chunkCount) part.set(this.#chunk.subarray(at, at + part.length))
      else if (chunk < this.#chunks.length) part.set(this.#chunks[chunk].subarray(at, at + part.length))
      else this.#file?.read(part, 4 * ((chunk - this.#chunks.length) * chunkTokens + at))
      done += part.length
    }
    return values
  }

  #finishChunk(): void {
    const { scratchFolder } = this.#options
    if (this.#chunks.length < this.#limitChunks || scratchFolder === null) {
      this.#chunks.push(this.#chunk)
      this.#chunk = new Int32Array(chunkTokens)
    } else {
      this.#file ??= openFile(scratchFolder, this)
      this.#file.write(this.#chunk, 4 * (this.#chunkCount - this.#chunks.length) * chunkTokens)
    }
    this.#chunkCount++
    this.#used = 0
  }
}

// Rows are values that hosts hand around; nobody says when the last of them is gone.
const files = new FinalizationRegistry((file: ScratchFile) => file.close())

function openFile(folder: string, store: TokenStore): ScratchFile {
  const file = new ScratchFile(join(folder, `.zerotune-tokens-${randomUUID()}.tmp`), {
    content: 'file of tokens',
    advice: 'free space there, or use fewer rows',
  })
  file.forgetName()
  files.register(store, file)
  return file
}
