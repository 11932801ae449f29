import type { Example, LabelExample } from '../data/example.js'
import type { BlockRunner, Hidden } from './block-runner.js'
import { embed } from './embed.js'
import { labelScore, type ExampleScore } from './example-score.js'
import { labelHead, type LabelHead } from './label-head.js'
import type { ExampleScorer } from './example-scorer.js'
import type { LoadedModel } from './loaded-model.js'
import type { Overrides, RowProbe } from './overrides.js'
import type { LossOptions } from './preference.js'
import { exampleScores, readTokens } from './read-tokens.js'
import { ReusedBuffer } from './reused-buffer.js'
import { runChunks, type ExampleRows } from './run-chunks.js'
import { hasSingleTokenLabels } from './scored-row.js'
import { withoutPrompt, withPrompt } from './soft-prompt.js'
import type { VocabularyHead } from './vocabulary-head.js'

/** Tokens of one run of a block, unless a job says otherwise: with more, speed hardly grows and memory does. */
export const defaultTokensPerRun = 512

/** Hidden states that enter the first trained layer. */
export interface FeatureSource {
  readonly layer: number
  hidden(rows: readonly FeatureRow[]): Promise<Hidden>
}

/** One row of an example: label options share an example. */
export interface FeatureRow {
  readonly example: Example
  readonly option: number
  readonly tokens: Int32Array
}

export interface ScorerOptions extends LossOptions {
  readonly model: LoadedModel
  readonly runner: BlockRunner
  readonly vocabularyHead: VocabularyHead
  readonly features: FeatureSource
  /** Tokens, padding included, that one run of a block takes at most (one example may exceed it). */
  readonly tokensPerRun: number
}

/** Losses of examples at the trained state, or at probes around it. */
export class Scorer implements ExampleScorer {
  readonly #options: ScorerOptions
  readonly #labelHead: LabelHead | null
  readonly #entering = new ReusedBuffer()
  readonly #prompted = new ReusedBuffer()
  readonly #unprompted = new ReusedBuffer()
  readonly #states = new ReusedBuffer()

  constructor(options: ScorerOptions) {
    this.#options = options
    const { objective } = options
    this.#labelHead =
      objective.kind === 'labels' && hasSingleTokenLabels(objective)
        ? labelHead(
            options.model,
            objective.options.map(({ tokens }) => tokens[0]),
          )
        : null
  }

  /** False for running text, which has no right answers. */
  get hasAnswers(): boolean {
    return this.#options.objective.kind !== 'text'
  }

  /** Scores of `examples` at the state that `overrides` describes, in their order. */
  async score(examples: readonly Example[], overrides: Overrides): Promise<ExampleScore[]> {
    const [scores] = await this.#scoreChunks(examples, [null], [overrides])
    return scores
  }

  /** Scores at several states in turn; the layers below the first trained one run once. */
  async scoreEach(examples: readonly Example[], overrides: readonly Overrides[]): Promise<ExampleScore[][]> {
    return this.#scoreChunks(examples, [null], overrides)
  }

  /** Scores at a probe in both directions, plus and minus in one batch. Example i moves along lane i. */
  async scoreBothWays(examples: readonly Example[], overrides: Overrides): Promise<ExampleScore[][]> {
    return this.#scoreChunks(examples, [1, -1], [overrides])
  }

  /** One array of scores for each combination of a run and a sign. */
  async #scoreChunks(
    examples: readonly Example[],
    signs: readonly (1 | -1 | null)[],
    runs: readonly Overrides[],
  ): Promise<ExampleScore[][]> {
    const scores = runs.flatMap(() => signs.map((): ExampleScore[] => []))
    const { features, model, objective, tokensPerRun } = this.#options
    const longestPrompt = Math.max(...runs.map(({ prompt }) => prompt?.length ?? 0))
    const promptTokens = longestPrompt / model.description.width
    const chunks = runChunks(examples, objective, signs.length, tokensPerRun, promptTokens)
    for (const { first, examples: chunk } of chunks) {
      const rows = featureRows(chunk)
      const lanes = chunk.flatMap(({ rows }, index) => rows.map(() => first + index))
      const probes = signs.flatMap((sign) =>
        sign === null ? [] : lanes.map((lane): RowProbe => ({ lane, sign })),
      )
      const entering = repeated(await features.hidden(rows), signs.length, runs.length > 1, this.#entering)
      for (const [run, overrides] of runs.entries()) {
        const last = await this.#run(entering, overrides, probes)
        for (let copy = 0; copy < signs.length; copy++) {
          scores[run * signs.length + copy].push(...(await this.#readScores(chunk, last, copy * rows.length)))
        }
      }
    }
    return scores
  }

  /** The last hidden states of the rows' own tokens. */
  async #run(entering: Hidden, overrides: Overrides, probes: readonly RowProbe[]): Promise<Hidden> {
    const { features, runner, model } = this.#options
    const { prompt } = overrides
    const first = prompt === undefined ? entering : withPrompt(entering, prompt, this.#prompted)
    const last = await runner.run(first, features.layer, model.description.layerCount, (layer) =>
      overrides(layer, probes.length > 0 ? probes : null),
    )
    return prompt === undefined ? last : withoutPrompt(last, prompt.length, this.#unprompted)
  }

  async #readScores(
    chunk: readonly ExampleRows[],
    hidden: Hidden,
    firstRow: number,
  ): Promise<ExampleScore[]> {
    const { model, vocabularyHead } = this.#options
    const { width } = model.description
    const head = this.#labelHead
    if (head !== null) {
      return chunk.map(({ example, rows: [{ positions }] }, index) => {
        const offset = ((firstRow + index) * hidden.sequence + positions[0]) * width
        return labelScore(head(hidden.data, offset), (example as LabelExample).label)
      })
    }
    const { states, targets } = readTokens(chunk, hidden, width, firstRow, this.#states)
    return exampleScores(chunk, await vocabularyHead.score(states, targets), this.#options)
  }
}

/** The rows of a chunk as a feature source knows them. */
export function featureRows(chunk: readonly ExampleRows[]): FeatureRow[] {
  return chunk.flatMap(({ example, rows }) =>
    rows.map((row, option) => ({ example, option, tokens: row.tokens })),
  )
}

/** Features computed afresh: embedding and the blocks below the first trained layer. */
export function directFeatures(model: LoadedModel, runner: BlockRunner, layer: number): FeatureSource {
  const buffer = new ReusedBuffer()
  return {
    layer,
    hidden: (rows) => {
      const tokens = rows.map((row) => row.tokens)
      return runner.run(embed(model, tokens, buffer), 0, layer)
    },
  }
}

/** The same hidden states `copies` times along the batch, in memory of their own where they are needed again. */
function repeated(hidden: Hidden, copies: number, mustCopy: boolean, buffer: ReusedBuffer): Hidden {
  if (copies === 1 && !mustCopy) return hidden
  const data = buffer.take(hidden.data.length * copies)
  for (let copy = 0; copy < copies; copy++) data.set(hidden.data, copy * hidden.data.length)
  return { ...hidden, data, batch: hidden.batch * copies }
}
