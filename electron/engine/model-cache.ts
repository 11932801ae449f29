import { statSync } from 'node:fs'
import { openModel, type KnownHashes, type OpenModel } from '../../core/index.js'

/** The model that was opened last: checking, planning and training the same one loads it once. */
export class ModelCache {
  #open: { readonly key: string; readonly model: OpenModel } | null = null

  readonly #hashes: () => KnownHashes

  /** @param hashes of the models that were opened before */
  constructor(hashes: () => KnownHashes) {
    this.#hashes = hashes
  }

  /**
   * @param date what the model's chat template may show; equal dates share a model
   * @throws EngineError of `openModel`
   */
  open(path: string, date: Date): OpenModel {
    const stats = statSync(path, { throwIfNoEntry: false })
    const key = [path, stats?.size, stats?.mtimeMs, date.toISOString()].join('\0')
    if (this.#open?.key !== key) {
      // Two models need not fit together.
      this.#open = null
      this.#open = { key, model: openModel(path, date, this.#hashes()) }
    }
    return this.#open.model
  }
}
