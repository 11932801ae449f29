import type { Example } from '../data/example.js'
import type { Hidden } from './block-runner.js'
import { featureCodec, type FeatureCodec } from './feature-codec.js'
import { ReusedBuffer } from './reused-buffer.js'
import { ScratchFile } from '../formats/scratch-file.js'
import type { FeatureFormat } from '../schema/feature-format.js'
import type { FeatureRow, FeatureSource } from './scorer.js'

/**
 * Hidden states that enter the first trained layer, kept in a file. The layers below never change in a run, so each row is
 * computed once. Memory stays what one batch needs; the file is removed when the cache closes.
 */
export class FeatureCache implements FeatureSource {
  readonly layer: number
  readonly #source: FeatureSource
  readonly #width: number
  readonly #codec: FeatureCodec
  readonly #file: ScratchFile
  /** Where each row of an example lies, in bytes. */
  readonly #offsets = new Map<Example, number[]>()
  readonly #buffer = new ReusedBuffer()
  #byteLength = 0

  /** @throws EngineError 'file-unwritable' */
  constructor(path: string, source: FeatureSource, width: number, format: FeatureFormat = 'float32') {
    this.layer = source.layer
    this.#source = source
    this.#width = width
    this.#codec = featureCodec(format)
    this.#file = new ScratchFile(path, {
      content: 'feature cache',
      advice: 'free space there, keep fewer bits (--feature-format) or use --features direct',
    })
  }

  get byteLength(): number {
    return this.#byteLength
  }

  /** Computes and keeps rows that are not kept yet. Fill in a fixed order: the batch decides the last bits of a row. */
  async fill(rows: readonly FeatureRow[]): Promise<void> {
    const { data, sequence } = await this.#source.hidden(rows)
    rows.forEach(({ example, option, tokens }, row) => {
      const start = row * sequence * this.#width
      const kept = this.#codec.encode(data.subarray(start, start + tokens.length * this.#width))
      this.#file.write(kept, this.#byteLength)
      const offsets = this.#offsets.get(example) ?? []
      offsets[option] = this.#byteLength
      this.#offsets.set(example, offsets)
      this.#byteLength += kept.byteLength
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
      this.#codec.decode(target, (bytes) => this.#file.read(bytes, offset))
    })
    return { data, batch: rows.length, sequence }
  }

  /** Removes the file. */
  close(): void {
    this.#file.close()
  }
}
