import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { EngineError } from '../schema/engine-error.js'
import { bytesOf } from './bytes-of.js'

/** Numbers in a file, for what would be too much in memory. The file is ours, and removed when it is closed. */
export class ScratchFile {
  readonly #path: string
  readonly #purpose: ScratchPurpose
  readonly #descriptor: number

  /**
   * Makes the file, or empties it.
   *
   * @throws EngineError 'file-unwritable'
   */
  constructor(path: string, purpose: ScratchPurpose) {
    this.#path = path
    this.#purpose = purpose
    this.#descriptor = this.#guarded(() => openSync(path, 'w+'))
  }

  /**
   * @param offset in bytes
   * @throws EngineError 'file-unwritable'
   */
  write(values: Float32Array | Int32Array | Uint32Array | Uint8Array, offset: number): void {
    const bytes = bytesOf(values)
    this.#guarded(() => {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(this.#descriptor, bytes, done, bytes.length - done, offset + done)
      }
    })
  }

  /** Fills `values` with what was written at `offset`, in bytes. */
  read(values: Float32Array | Int32Array | Uint32Array | Uint8Array, offset: number): void {
    const bytes = bytesOf(values)
    for (let done = 0; done < bytes.length;) {
      const count = readSync(this.#descriptor, bytes, done, bytes.length - done, offset + done)
      if (count === 0) throw this.#failure(new Error(`it ends at ${offset + done} bytes`))
      done += count
    }
  }

  /** Removes the file's name, so that nothing is left of it when the process ends, however it ends. */
  forgetName(): void {
    rmSync(this.#path, { force: true })
  }

  close(): void {
    closeSync(this.#descriptor)
    rmSync(this.#path, { force: true })
  }

  #guarded<T>(action: () => T): T {
    try {
      return action()
    } catch (thrown) {
      throw this.#failure(thrown)
    }
  }

  #failure(thrown: unknown): EngineError {
    const { content, advice } = this.#purpose
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    const message = `the ${content} ${this.#path} could not be written (${reason}); ${advice}`
    return new EngineError('file-unwritable', { path: this.#path }, message, { cause: thrown })
  }
}

/** For the message where the disk is full. */
export interface ScratchPurpose {
  /** What the file is, such as 'feature cache'. */
  readonly content: string
  /** What a person can do about it. */
  readonly advice: string
}
