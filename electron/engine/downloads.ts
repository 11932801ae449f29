import { realpathSync } from 'node:fs'
import {
  discardOrder,
  EngineError,
  firstFile,
  openedPath,
  orderId,
  readOrders,
  receivedBytes,
  runOrder,
  saveOrder,
  totalBytes,
  TransferRate,
  type DownloadOrder,
  type Hub,
  type OrderProgress,
} from '../../core/index.js'
import type { Download, DownloadState } from '../ipc/hub.js'
import type { EngineContext } from './context.js'
import { fetchedRows } from './data-entry.js'
import { modelEntry } from './model-entry.js'

/** Between two events of a download that goes on. */
const tellEveryMs = 500

/** A download as it is kept here. */
interface Kept {
  readonly order: DownloadOrder
  state: DownloadState
  done: number
  failure: Download['failure']
  /** Of one that is running. */
  running: {
    readonly controller: AbortController
    readonly ended: Promise<void>
    readonly rate: TransferRate
  } | null
}

/**
 * What was asked to be fetched: one at a time, the others wait. Orders are on the disk; one that an earlier process left there is
 * paused until a person goes on with it.
 */
export class Downloads {
  readonly #context: EngineContext
  readonly #hub: () => Hub
  readonly #kept = new Map<string, Kept>()
  #hasRead = false

  /** @param hub asked for anew for each download */
  constructor(context: EngineContext, hub: () => Hub) {
    this.#context = context
    this.#hub = hub
  }

  /** Those that are not done, the oldest first. */
  list(): Download[] {
    this.#readOnce()
    return [...this.#kept].map(([id, kept]) => this.#shown(id, kept))
  }

  /** Begins an order, or goes on with the same one. */
  start(order: DownloadOrder): Download {
    this.#readOnce()
    const id = orderId(order)
    const known = this.#kept.get(id)
    if (known?.running != null) return this.#shown(id, known)
    saveOrder(this.#root, order)
    const kept: Kept = {
      order,
      state: 'waiting',
      done: receivedBytes(this.#root, order),
      failure: null,
      running: null,
    }
    this.#kept.set(id, kept)
    this.#tell(id, kept)
    this.#next()
    return this.#shown(id, kept)
  }

  /** @throws EngineError 'unknown-item' */
  async pause(id: string): Promise<Download> {
    const kept = this.#find(id)
    if (kept.state === 'waiting') kept.state = 'paused'
    kept.running?.controller.abort()
    await kept.running?.ended
    this.#tell(id, kept)
    return this.#shown(id, kept)
  }

  /** @throws EngineError 'unknown-item' */
  resume(id: string): Download {
    return this.start(this.#find(id).order)
  }

  /** Stops it and throws away what came. @throws EngineError 'unknown-item' */
  async discard(id: string): Promise<void> {
    const kept = this.#find(id)
    await this.pause(id)
    this.#kept.delete(id)
    discardOrder(this.#root, kept.order)
    kept.state = 'discarded'
    this.#tell(id, kept)
  }

  /** Stops what goes on; it stays on the disk. */
  async pauseAll(): Promise<void> {
    for (const [id, kept] of this.#kept) {
      if (kept.state !== 'waiting') continue
      kept.state = 'paused'
      this.#tell(id, kept)
    }
    const running = [...this.#kept.values()].flatMap((kept) => kept.running ?? [])
    for (const { controller } of running) controller.abort()
    await Promise.all(running.map(({ ended }) => ended))
  }

  get #root(): string {
    return this.#context.config().modelsFolder
  }

  /** Of an earlier process. */
  #readOnce(): void {
    if (this.#hasRead) return
    this.#hasRead = true
    for (const order of readOrders(this.#root)) {
      const done = receivedBytes(this.#root, order)
      this.#kept.set(orderId(order), { order, state: 'paused', done, failure: null, running: null })
    }
  }

  #find(id: string): Kept {
    this.#readOnce()
    const kept = this.#kept.get(id)
    if (kept !== undefined) return kept
    throw new EngineError('unknown-item', { what: 'download' }, `there is no download '${id}' (any more)`)
  }

  #next(): void {
    if ([...this.#kept.values()].some(({ running }) => running !== null)) return
    const waiting = [...this.#kept].find(([, { state }]) => state === 'waiting')
    if (waiting !== undefined) this.#run(...waiting)
  }

  #run(id: string, kept: Kept): void {
    const { now } = this.#context
    const controller = new AbortController()
    const rate = new TransferRate(now)
    kept.state = 'running'
    kept.failure = null
    let toldAt = -Infinity
    const progress = ({ phase, done }: OrderProgress): void => {
      const state = phase === 'verifying' ? 'verifying' : 'running'
      const isNews = state !== kept.state
      kept.state = state
      if (phase === 'downloading') {
        kept.done = done
        rate.note(done)
      }
      if (!isNews && now() - toldAt < tellEveryMs) return
      toldAt = now()
      this.#tell(id, kept)
    }
    const work = async (): Promise<void> => {
      try {
        const hub = this.#hub()
        await runOrder(kept.order, { root: this.#root, hub, signal: controller.signal, progress })
        kept.state = 'done'
      } catch (thrown) {
        const failure = EngineError.from(thrown)
        kept.state = failure.code === 'cancelled' ? 'paused' : 'failed'
        kept.failure = failure.code === 'cancelled' ? null : failure.toData()
      }
      kept.running = null
      this.#tell(id, kept)
      if (kept.state === 'done') this.#kept.delete(id)
      this.#next()
    }
    kept.running = { controller, rate, ended: Promise.resolve() }
    kept.running = { controller, rate, ended: work() }
  }

  #tell(id: string, kept: Kept): void {
    this.#context.tell('download.changed', this.#shown(id, kept))
  }

  #shown(id: string, { order, state, done, failure, running }: Kept): Download {
    const total = totalBytes(order.files)
    const isRunning = state === 'running' && running !== null
    return {
      download: id,
      kind: order.kind,
      name: order.name,
      file: firstFile(order),
      fileCount: order.files.length,
      state,
      done: state === 'done' ? total : done,
      total,
      bytesPerSecond: isRunning ? running.rate.bytesPerSecond() : null,
      remainingMs: isRunning ? running.rate.remainingMs(total - done) : null,
      failure,
      model: state === 'done' && order.kind === 'model' ? this.#fetchedModel(order) : null,
      rows: state === 'done' && order.kind === 'dataset' ? this.#fetchedRows(order) : null,
    }
  }

  #fetchedRows(order: DownloadOrder): Download['rows'] {
    return fetchedRows(this.#context, openedPath(this.#root, order), `${order.name}/${firstFile(order)}`)
  }

  #fetchedModel(order: DownloadOrder): Download['model'] {
    const { files } = this.#context
    const name = order.format === 'safetensors' ? order.name : `${order.name}/${firstFile(order)}`
    const path = realpathSync(openedPath(this.#root, order))
    return modelEntry(this.#context, files.admit({ kind: 'model', path, name, source: 'hub' }))
  }
}
