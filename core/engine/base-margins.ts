import type { PairExample } from '../data/example.js'
import { EngineError } from '../schema/engine-error.js'

/** What the base says of pairs: log p(chosen) − log p(rejected) of each, in nats. Asked once, because it never changes. */
export class BaseMargins {
  readonly #margins = new Map<PairExample, number>()

  keep(pair: PairExample, margin: number): void {
    this.#margins.set(pair, margin)
  }

  /** @throws EngineError 'bug' for a pair that the base was not asked about */
  of(pair: PairExample): number {
    const margin = this.#margins.get(pair)
    if (margin !== undefined) return margin
    throw new EngineError('bug', {}, `the base was not asked about the pair of line ${pair.line}`)
  }
}
