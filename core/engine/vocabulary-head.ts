import { buildHeadGraph, type HeadOutput } from '../graph/head-graph.js'
import type { Device, Session, Tensors } from '../runtime/device.js'
import { OpenSessions } from '../runtime/open-sessions.js'
import { dot, logSumExp } from './label-head.js'
import type { LoadedModel } from './loaded-model.js'
import { float32Tensor, matrixRows, matrixTensors } from './matrix-tensors.js'
import { MiddlePoints } from './middle-points.js'
import { finishedLogit, outputNormed, outputNormTensors } from './output-norm.js'
import { PlacedOnce } from './placed-once.js'

/** What the whole vocabulary says about one position's next token. */
export interface TokenScore {
  /** Natural logarithm of the target's probability. */
  readonly logProbability: number
  /** The most likely token. */
  readonly bestToken: number
}

/** A token's score with the normaliser that gradients need again. */
export interface VocabularyScore extends TokenScore {
  /** log Σ exp(logits) over the whole vocabulary. */
  readonly logSumExp: number
}

/** Vocabulary rows of one run; with `tokensPerRun` it bounds the logits in memory to 8 MB. */
const rowsPerRun = 8192
const tokensPerRun = 256

/**
 * The output matrix over the whole vocabulary, in chunks with a running log-sum-exp: memory does not grow with
 * vocabulary × tokens.
 */
export class VocabularyHead {
  readonly #device: Device
  readonly #model: LoadedModel
  readonly #middles = new MiddlePoints()
  readonly #sessions = new OpenSessions<string>()
  /** By the first row of a chunk. */
  readonly #placedWeights: PlacedOnce<number>

  constructor(device: Device, model: LoadedModel) {
    this.#device = device
    this.#model = model
    this.#placedWeights = new PlacedOnce(device)
  }

  /** Scores `targets[i]` at the hidden state in row i of `hidden`, shape [targets, width]. */
  async score(hidden: Float32Array, targets: readonly number[]): Promise<VocabularyScore[]> {
    const { width } = this.#model.description
    const scores: VocabularyScore[] = []
    for (let first = 0; first < targets.length; first += tokensPerRun) {
      const part = targets.slice(first, first + tokensPerRun)
      scores.push(
        ...(await this.#scoreChunk(hidden.subarray(first * width, (first + part.length) * width), part)),
      )
    }
    return scores
  }

  /** log Σ exp(logits) over the whole vocabulary at the hidden states in `hidden`, shape [tokens, width]. */
  async logSumExps(hidden: Float32Array): Promise<number[]> {
    const { width } = this.#model.description
    const totals: number[] = []
    for (let first = 0; first < hidden.length; first += tokensPerRun * width) {
      const part = hidden.subarray(first, first + tokensPerRun * width)
      const summary = await this.#summarize(part, part.length / width)
      totals.push(...summary.map(({ logSumExp }) => logSumExp))
    }
    return totals
  }

  /** The most likely next token at each hidden state in `hidden`, shape [tokens, width]. */
  async bestTokens(hidden: Float32Array): Promise<number[]> {
    const { width } = this.#model.description
    const found: number[] = []
    for (let first = 0; first < hidden.length; first += tokensPerRun * width) {
      const part = hidden.subarray(first, first + tokensPerRun * width)
      const summary = await this.#summarize(part, part.length / width)
      found.push(...summary.map(({ bestToken }) => bestToken))
    }
    return found
  }

  /** Logits of every token of the vocabulary at the hidden states in `hidden`, shape [tokens, vocabulary]. */
  async logits(hidden: Float32Array): Promise<Float32Array> {
    const { width, vocabularySize } = this.#model.description
    const tokens = hidden.length / width
    const logits = new Float32Array(tokens * vocabularySize)
    for (const [first, end] of this.#chunks()) {
      const rows = end - first
      const part = new Float32Array(tokens * rows)
      await this.#run(hidden, first, end, 'logits', { logits: float32Tensor(part, [tokens, rows]) })
      for (let token = 0; token < tokens; token++) {
        logits.set(part.subarray(token * rows, (token + 1) * rows), token * vocabularySize + first)
      }
    }
    return logits
  }

  /** Frees the sessions, and the weights on the device. */
  async close(): Promise<void> {
    this.#placedWeights.close()
    await this.#sessions.close()
  }

  async #scoreChunk(hidden: Float32Array, targets: readonly number[]): Promise<VocabularyScore[]> {
    const summary = await this.#summarize(hidden, targets.length)
    return targets.map((target, token) => ({
      ...summary[token],
      logProbability: this.#targetLogit(hidden, token, target) - summary[token].logSumExp,
    }))
  }

  /** What holds for every target: the normaliser and the most likely token. */
  async #summarize(
    hidden: Float32Array,
    tokens: number,
  ): Promise<Pick<VocabularyScore, 'bestToken' | 'logSumExp'>[]> {
    const sums: Float32Array[] = []
    const best = new Float32Array(tokens).fill(-Infinity)
    const bestTokens = new Int32Array(tokens)
    for (const [first, end] of this.#chunks()) {
      const sum = new Float32Array(tokens)
      const chunkBest = new Float32Array(tokens)
      const bestIndex = new BigInt64Array(tokens)
      await this.#run(hidden, first, end, 'summary', {
        logSumExp: float32Tensor(sum, [tokens]),
        best: float32Tensor(chunkBest, [tokens]),
        bestIndex: { type: 'int64', data: bestIndex, shape: [tokens] },
      })
      sums.push(sum)
      chunkBest.forEach((logit, token) => {
        if (logit <= best[token]) return
        best[token] = logit
        bestTokens[token] = first + Number(bestIndex[token])
      })
    }
    return Array.from(bestTokens, (bestToken, token) => ({
      bestToken,
      logSumExp: logSumExp(sums.map((sum) => sum[token])),
    }))
  }

  #targetLogit(hidden: Float32Array, position: number, target: number): number {
    const { width } = this.#model.description
    const row = new Float32Array(width)
    this.#model.output.readRow(target, row, 0)
    return finishedLogit(this.#model, dot(row, outputNormed(this.#model, hidden, position * width)))
  }

  *#chunks(): Generator<[first: number, end: number]> {
    const { vocabularySize } = this.#model.description
    for (let first = 0; first < vocabularySize; first += rowsPerRun) {
      yield [first, Math.min(vocabularySize, first + rowsPerRun)]
    }
  }

  async #run(
    hidden: Float32Array,
    first: number,
    end: number,
    output: HeadOutput,
    outputs: Tensors,
  ): Promise<void> {
    const { description } = this.#model
    const chunk = matrixRows(this.#model.output.whole(), first, end)
    const weights = matrixTensors('output', chunk, 'zeroPoints', this.#middles)
    const session = await this.#sessionFor(end - first, output)
    const tokens = hidden.length / description.width
    await session.run(
      {
        hidden: float32Tensor(hidden, [tokens, description.width]),
        ...outputNormTensors(this.#model),
        ...(await this.#placedWeights.place(first, weights)),
      },
      outputs,
    )
  }

  #sessionFor(rows: number, output: HeadOutput): Promise<Session> {
    return this.#sessions.get(this.#device, `${rows}:${output}`, () => {
      const graph = buildHeadGraph(this.#model.description, this.#model.output.format, rows, output)
      return this.#device.open(graph)
    })
  }
}
