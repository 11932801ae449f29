import type { Clock } from '../../core/hub/clock.js'

/** A clock of a test: waiting takes no time and is written down; what runs out does so when the test says so. */
export class TestClock implements Clock {
  /** Milliseconds of each wait, in order. */
  readonly waits: number[] = []
  readonly #expiring = new Set<() => void>()
  #now = 0

  now(): number {
    return this.#now
  }

  wait(ms: number): Promise<void> {
    this.waits.push(ms)
    this.#now += ms
    return Promise.resolve()
  }

  after(_: number, expire: () => void): () => void {
    this.#expiring.add(expire)
    return () => this.#expiring.delete(expire)
  }

  /** Whatever was to run out, does. */
  expireAll(): void {
    const expiring = [...this.#expiring]
    this.#expiring.clear()
    for (const expire of expiring) expire()
  }

  /** Time goes by. */
  pass(ms: number): void {
    this.#now += ms
  }
}
