import { statSync } from 'node:fs'
import { openingModel, type KnownHashes, type OpenModel } from '../../core/index.js'
import { inPieces, type Task } from './tasks.js'

/** The model that was opened last: checking, planning and training the same one loads it once. */
export class ModelCache {
  #open: { readonly key: string; readonly model: OpenModel } | null = null
  /** Settles when no model is being opened: a second asker waits for the first. */
  #opening: Promise<unknown> = Promise.resolve()
  readonly #hashes: () => KnownHashes

  /** @param hashes of the models that were opened before */
  constructor(hashes: () => KnownHashes) {
    this.#hashes = hashes
  }

  /**
   * @param date what the model's chat template may show; equal dates share a model
   * @param task told how much of a large file was read; it may be cancelled meanwhile
   * @throws EngineError of `openModel`, 'cancelled'
   */
  open(path: string, date: Date, task: Pick<Task, 'progress' | 'breathe'>): Promise<OpenModel> {
    const opened = this.#opening.then(() => this.#openNow(path, date, task))
    this.#opening = opened.catch(() => undefined)
    return opened
  }

  async #openNow(path: string, date: Date, task: Pick<Task, 'progress' | 'breathe'>): Promise<OpenModel> {
    const stats = statSync(path, { throwIfNoEntry: false })
    const key = [path, stats?.size, stats?.mtimeMs, date.toISOString()].join('\0')
    if (this.#open?.key === key) return this.#open.model
    // Two models need not fit together.
    this.#open = null
    task.progress('loading-model', 0, null, 'bytes')
    await task.breathe()
    const opening = openingModel(path, date, this.#hashes())
    const model = await inPieces(opening, task, ({ done, total }) =>
      task.progress('hashing', done, total, 'bytes'),
    )
    this.#open = { key, model }
    return model
  }
}
