import type { Example, LabelExample } from '../data/example.js'
import { tokenLoss, tokenLossNames } from '../graph/token-loss.js'
import type { Device, Session, Tensors } from '../runtime/device.js'
import { labelScore, type ExampleScore } from './example-score.js'
import type { ExampleScorer } from './example-scorer.js'
import { batchTensors, integerTensor } from './graph-batch.js'
import { initialScales, openGraphEnd, type TokenGraphModel } from './graph-model.js'
import { float32Tensor } from './matrix-tensors.js'
import type { Overrides } from './overrides.js'
import type { LossOptions } from './preference.js'
import { exampleScores } from './read-tokens.js'
import { runChunks, type ExampleRows } from './run-chunks.js'
import { hasSingleTokenLabels } from './scored-row.js'

export interface GraphScorerOptions extends LossOptions {
  readonly model: TokenGraphModel
  /** Tokens, padding included, that one run of the graph takes at most (one example may exceed it). */
  readonly tokensPerRun: number
}

/** What a graph says of tokens at places of a batch, one place after the other. */
interface PlaceScores {
  /** Tokens that are looked at in each place. */
  readonly choices: number
  readonly logProbabilities: Float32Array
  readonly bestTokens: BigInt64Array
}

/** Losses of examples by a model's own graph, at its scales as the file has them or at those of overrides. */
export class GraphScorer implements ExampleScorer {
  readonly #options: GraphScorerOptions
  readonly #session: Session

  private constructor(options: GraphScorerOptions, session: Session) {
    this.#options = options
    this.#session = session
  }

  /** @throws EngineError `runtime-failed` */
  static async open(options: GraphScorerOptions, device: Device): Promise<GraphScorer> {
    const { model } = options
    return new GraphScorer(options, await openGraphEnd(model, tokenLoss(model.tokenGraph.logits), device))
  }

  /** The same graph with what pairs are compared with. It is closed once. */
  comparedWith(baseMargins: LossOptions['baseMargins']): GraphScorer {
    return new GraphScorer({ ...this.#options, baseMargins }, this.#session)
  }

  get hasAnswers(): boolean {
    return this.#options.objective.kind !== 'text'
  }

  async score(examples: readonly Example[], overrides: Overrides): Promise<ExampleScore[]> {
    const [scores] = await this.scoreEach(examples, [overrides])
    return scores
  }

  async scoreEach(examples: readonly Example[], overrides: readonly Overrides[]): Promise<ExampleScore[][]> {
    const { objective, tokensPerRun } = this.#options
    const scores = overrides.map((): ExampleScore[] => [])
    for (const { examples: chunk } of runChunks(examples, objective, 1, tokensPerRun)) {
      for (const [index, each] of overrides.entries()) {
        // The scales of a probe lie in memory that the next probe writes to.
        const found = await this.#run(chunk, each(0, null)?.tensors ?? {})
        scores[index].push(...this.#scoresOf(chunk, found))
      }
    }
    return scores
  }

  scoreBothWays(): Promise<ExampleScore[][]> {
    throw new Error('rows of a graph share its scales, so that none has a direction of its own')
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  async #run(chunk: readonly ExampleRows[], scales: Tensors): Promise<PlaceScores> {
    const { model } = this.#options
    const rows = chunk.flatMap((example) => example.rows)
    const places = rows.flatMap(({ positions }, row) => positions.flatMap((position) => [row, position]))
    const labels = this.#labelTokens()
    const targets = rows.flatMap((row) => labels ?? row.targets)
    const count = places.length / 2
    const choices = targets.length / count
    const logProbabilities = new Float32Array(targets.length)
    const bestTokens = new BigInt64Array(count)
    await this.#session.run(
      {
        ...batchTensors(model.tokenGraph.inputs, rows),
        ...initialScales(model),
        ...scales,
        [tokenLossNames.places]: integerTensor('int64', places, [count, 2]),
        [tokenLossNames.targets]: integerTensor('int64', targets, [count, choices]),
      },
      {
        [tokenLossNames.logProbabilities]: float32Tensor(logProbabilities, [count, choices]),
        [tokenLossNames.bestTokens]: { type: 'int64', data: bestTokens, shape: [count] },
      },
    )
    return { choices, logProbabilities, bestTokens }
  }

  #scoresOf(
    chunk: readonly ExampleRows[],
    { choices, logProbabilities, bestTokens }: PlaceScores,
  ): ExampleScore[] {
    if (this.#labelTokens() !== null) {
      return chunk.map(({ example }, index) =>
        labelScore(
          logProbabilities.subarray(index * choices, (index + 1) * choices),
          (example as LabelExample).label,
        ),
      )
    }
    const tokens = Array.from(logProbabilities, (logProbability, place) => ({
      logProbability,
      bestToken: Number(bestTokens[place]),
    }))
    return exampleScores(chunk, tokens, this.#options)
  }

  /** The tokens that stand for labels, where one stands for each: then all are looked at in one place. */
  #labelTokens(): readonly number[] | null {
    const { objective } = this.#options
    if (objective.kind !== 'labels' || !hasSingleTokenLabels(objective)) return null
    return objective.options.map(({ tokens }) => tokens[0])
  }
}
