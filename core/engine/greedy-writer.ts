import type { BlockRunner } from './block-runner.js'
import { embed } from './embed.js'
import type { LoadedModel } from './loaded-model.js'
import { ReusedBuffer } from './reused-buffer.js'
import type { Overrides, RowProbe } from './overrides.js'
import type { VocabularyHead } from './vocabulary-head.js'

/** What a writer is made of. */
export interface GreedyWriterOptions {
  readonly model: LoadedModel
  readonly runner: BlockRunner
  readonly vocabularyHead: VocabularyHead
  /** Tokens, padding included, that one run of a block takes at most. */
  readonly tokensPerRun: number
  /** Ids that end a text. */
  readonly endIds: ReadonlySet<number>
}

/** A prompt to go on from, at a probe or at the state itself. */
export interface WritingRow {
  readonly tokens: Int32Array
  readonly probe: RowProbe | null
}

/**
 * Writes the likeliest token after each of many prompts at once, again and again, with weights as inputs: so each row can
 * lie at a probe of its own. There is no cache of keys and values, since probes change them; a token costs a forward pass
 * over the text so far.
 */
export class GreedyWriter {
  readonly #options: GreedyWriterOptions
  readonly #embedded = new ReusedBuffer()

  constructor(options: GreedyWriterOptions) {
    this.#options = options
  }

  /** The ids that follow each prompt, without the one that ends them. All rows are at probes, or none is. */
  async write(rows: readonly WritingRow[], overrides: Overrides, maxTokens: number): Promise<number[][]> {
    const { contextLength } = this.#options.model.description
    const written = rows.map((): number[] => [])
    let open = rows.map((_, row) => row)
    for (let count = 0; count < maxTokens && open.length > 0; count++) {
      const texts = open.map((row) => ({
        tokens: Int32Array.from([...rows[row].tokens, ...written[row]]),
        probe: rows[row].probe,
      }))
      const next = await this.#nextTokens(texts, overrides)
      open = open.filter((row, index) => {
        if (this.#options.endIds.has(next[index])) return false
        written[row].push(next[index])
        return texts[index].tokens.length + 1 < contextLength
      })
    }
    return written
  }

  async #nextTokens(texts: readonly WritingRow[], overrides: Overrides): Promise<number[]> {
    const { model, runner, vocabularyHead, tokensPerRun } = this.#options
    const { width, layerCount } = model.description
    const next: number[] = []
    for (const chunk of chunksOf(texts, tokensPerRun)) {
      const entering = embed(
        model,
        chunk.map(({ tokens }) => tokens),
        this.#embedded,
      )
      const probes = chunk.flatMap(({ probe }) => (probe === null ? [] : [probe]))
      const last = await runner.run(entering, 0, layerCount, (layer) =>
        overrides(layer, probes.length > 0 ? probes : null),
      )
      const states = new Float32Array(chunk.length * width)
      chunk.forEach(({ tokens }, row) => {
        const offset = (row * last.sequence + tokens.length - 1) * width
        states.set(last.data.subarray(offset, offset + width), row * width)
      })
      next.push(...(await vocabularyHead.bestTokens(states)))
    }
    return next
  }
}

/** Rows in their order, as many as fit a run, padding included. */
function chunksOf(texts: readonly WritingRow[], tokensPerRun: number): WritingRow[][] {
  const chunks: WritingRow[][] = []
  let chunk: WritingRow[] = []
  let longest = 0
  for (const text of texts) {
    longest = Math.max(longest, text.tokens.length)
    if (chunk.length > 0 && (chunk.length + 1) * longest > tokensPerRun) {
      chunks.push(chunk)
      chunk = []
      longest = text.tokens.length
    }
    chunk.push(text)
  }
  return chunk.length > 0 ? [...chunks, chunk] : chunks
}
