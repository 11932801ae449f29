import type { Example } from '../data/example.js'
import type { Tokenizer } from '../data/tokenizer/tokenizer.js'
import type { ExampleScore } from '../engine/example-score.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import type { GreedyWriter, WritingRow } from '../engine/greedy-writer.js'
import type { Overrides } from '../engine/overrides.js'
import type { AnswerScore } from './answer-score.js'

/** A prompt with the answer that is right. */
interface Question {
  readonly prompt: Int32Array
  readonly right: string
}

/**
 * Scores what the model writes after each prompt. Nothing of it has a gradient, so only forward passes can train on it. A loss
 * is 1 − score; an answer of score 1 is correct.
 */
export class AnswerScorer implements ExampleScorer {
  readonly hasAnswers = true
  readonly #writer: GreedyWriter
  readonly #tokenizer: Tokenizer
  readonly #maxTokens: number
  readonly #scoreOf: AnswerScore

  /** @param maxTokens of an answer */
  constructor(writer: GreedyWriter, tokenizer: Tokenizer, scoreOf: AnswerScore, maxTokens: number) {
    this.#writer = writer
    this.#tokenizer = tokenizer
    this.#scoreOf = scoreOf
    this.#maxTokens = maxTokens
  }

  async score(examples: readonly Example[], overrides: Overrides): Promise<ExampleScore[]> {
    const questions = this.#questions(examples)
    return this.#scoreRows(
      questions,
      questions.map(({ prompt }) => ({ tokens: prompt, probe: null })),
      overrides,
    )
  }

  async scoreEach(examples: readonly Example[], overrides: readonly Overrides[]): Promise<ExampleScore[][]> {
    const scores: ExampleScore[][] = []
    for (const state of overrides) scores.push(await this.score(examples, state))
    return scores
  }

  async scoreBothWays(examples: readonly Example[], overrides: Overrides): Promise<ExampleScore[][]> {
    const questions = this.#questions(examples)
    const scores: ExampleScore[][] = []
    for (const sign of [1, -1] as const) {
      const rows = questions.map(({ prompt }, lane) => ({ tokens: prompt, probe: { lane, sign } }))
      scores.push(await this.#scoreRows(questions, rows, overrides))
    }
    return scores
  }

  async #scoreRows(
    questions: readonly Question[],
    rows: readonly WritingRow[],
    overrides: Overrides,
  ): Promise<ExampleScore[]> {
    const written = await this.#writer.write(rows, overrides, this.#maxTokens)
    return questions.map(({ right }, row) => {
      const text = this.#tokenizer.decode(written[row]).trim()
      const score = this.#scoreOf(text, [right])
      return { loss: 1 - score, tokens: 1, prediction: null, isCorrect: score === 1, margin: null }
    })
  }

  #questions(examples: readonly Example[]): Question[] {
    return examples.map((example) => {
      if (example.kind !== 'sequence') throw new Error('written answers are scored of answer tasks only')
      const { tokens, scored } = example
      const answer = [...tokens].filter((_, position) => scored[position] === 1)
      return { prompt: tokens.subarray(0, scored.indexOf(1)), right: this.#tokenizer.decode(answer).trim() }
    })
  }
}
