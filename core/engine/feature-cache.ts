import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import type { Example } from '../data/example.js'
import { EngineError } from '../schema/engine-error.js'
import type { Hidden } from './block-runner.js'
import { ReusedBuffer } from './reused-buffer.js'
import type { FeatureRow, FeatureSource } from './scorer.js'

/**
 * Hidden states that enter the first trained layer, kept in a file in fp32. The layers below never change in a run, so each
 * row is computed once. Memory stays what one batch needs; the file is removed when the cache closes.
 */
export class FeatureCache implements FeatureSource {
  readonly layer: number
  readonly #source: FeatureSource
  readonly #width: number
  readonly #path: string
  readonly #descriptor: number
  /** Where each row of an example lies, in bytes. */
  readonly #offsets = new Map<Example, number[]>()
  readonly #buffer = new ReusedBuffer()
  #byteLength = 0

  /** @throws EngineError 'file-unwritable' */
  constructor(path: string, source: FeatureSource, width: number) {
    this.layer = source.layer
    this.#source = source
    this.#width = width
    this.#path = path
    this.#descriptor = this.#guarded(() => openSync(path, 'w+'))
  }

  get byteLength(): number {
    return this.#byteLength
  }

  /** Computes and keeps rows that are not kept yet. Fill in a fixed order: the batch decides the last bits of a row. */
  async fill(rows: readonly FeatureRow[]): Promise<void> {
    const { data, sequence } = await this.#source.hidden(rows)
    rows.forEach(({ example, option, tokens }, row) => {
      const start = row * sequence * this.#width
      const kept = data.subarray(start, start + tokens.length * this.#width)
      const bytes = new Uint8Array(kept.buffer, kept.byteOffset, kept.byteLength)
      this.#guarded(() => {
        for (let done = 0; done < bytes.length;) {
          done += writeSync(this.#descriptor, bytes, done, bytes.length - done, this.#byteLength + done)
        }
      })
      const offsets = this.#offsets.get(example) ?? []
      offsets[option] = this.#byteLength
      this.#offsets.set(example, offsets)
      this.#byteLength += bytes.length
    })
  }

  /** The kept rows, padded with zeros to the longest; rows that are not kept are computed. */
  async hidden(rows: readonly FeatureRow[]): Promise<Hidden> {
    if (rows.some(({ example }) => !this.#offsets.has(example))) return this.#source.hidden(rows)
    const sequence = Math.max(...rows.map(({ tokens }) => tokens.length))
    const data = this.#buffer.take(rows.length * sequence * this.#width).fill(0)
    rows.forEach(({ example, option, tokens }, row) => {
      const start = row * sequence * this.#width
      const target = data.subarray(start, start + tokens.length * this.#width)
      const offset = this.#offsets.get(example)?.[option] ?? 0
      readSync(
        this.#descriptor,
        new Uint8Array(target.buffer, target.byteOffset, target.byteLength),
        0,
        target.byteLength,
        offset,
      )
    })
    return { data, batch: rows.length, sequence }
  }

  /** Removes the file. */
  close(): void {
    closeSync(this.#descriptor)
    rmSync(this.#path, { force: true })
  }

  #guarded<T>(action: () => T): T {
    try {
      return action()
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      const message = `the feature cache ${this.#path} could not be written (${reason}); free space there or use --features direct`
      throw new EngineError('file-unwritable', { path: this.#path }, message, { cause: thrown })
    }
  }
}
