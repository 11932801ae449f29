import type { BlockRunner, Hidden } from './block-runner.js'
import { embed } from './embed.js'
import type { LoadedModel } from './loaded-model.js'
import { ReusedBuffer } from './reused-buffer.js'
import type { FeatureRow, FeatureSource } from './scorer.js'

/**
 * Hidden states of the same rows that enter one layer after the other, from the bottom up: each frozen layer runs once. Memory
 * stays what one batch of rows needs.
 */
export class RisingFeatures implements FeatureSource {
  readonly #model: LoadedModel
  readonly #runner: BlockRunner
  readonly #embedded = new ReusedBuffer()
  readonly #entering = new ReusedBuffer()
  #layer = 0
  #rows: readonly FeatureRow[] = []
  #kept: { readonly layer: number; readonly hidden: Hidden } | null = null

  constructor(model: LoadedModel, runner: BlockRunner) {
    this.#model = model
    this.#runner = runner
  }

  get layer(): number {
    return this.#layer
  }

  /** From now on, states that enter this layer. */
  riseTo(layer: number): void {
    this.#layer = layer
  }

  async hidden(rows: readonly FeatureRow[]): Promise<Hidden> {
    const { layer, hidden } = this.#below(rows)
    const { data, ...shape } = await this.#runner.run(hidden, layer, this.#layer)
    const entering = this.#entering.take(data.length)
    entering.set(data)
    this.#rows = rows
    this.#kept = { layer: this.#layer, hidden: { ...shape, data: entering } }
    return this.#kept.hidden
  }

  /** The highest states below that there are of these rows. */
  #below(rows: readonly FeatureRow[]): { readonly layer: number; readonly hidden: Hidden } {
    const isSame = (row: FeatureRow, index: number): boolean =>
      row.example === rows[index].example && row.option === rows[index].option
    const kept = this.#rows.length === rows.length && this.#rows.every(isSame) ? this.#kept : null
    if (kept !== null && kept.layer <= this.#layer) return kept
    const tokens = rows.map((row) => row.tokens)
    return { layer: 0, hidden: embed(this.#model, tokens, this.#embedded) }
  }
}
