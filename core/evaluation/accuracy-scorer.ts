import type { Example } from '../data/example.js'
import type { ExampleScore } from '../engine/example-score.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import type { Overrides } from '../engine/overrides.js'

/** Counts right labels in place of their cross entropy: a loss is 0 where the right label is the likeliest, else 1. */
export class AccuracyScorer implements ExampleScorer {
  readonly #scorer: ExampleScorer

  constructor(scorer: ExampleScorer) {
    this.#scorer = scorer
  }

  get hasAnswers(): boolean {
    return this.#scorer.hasAnswers
  }

  async score(examples: readonly Example[], overrides: Overrides): Promise<ExampleScore[]> {
    return (await this.#scorer.score(examples, overrides)).map(counted)
  }

  async scoreEach(examples: readonly Example[], overrides: readonly Overrides[]): Promise<ExampleScore[][]> {
    return (await this.#scorer.scoreEach(examples, overrides)).map((scores) => scores.map(counted))
  }

  async scoreBothWays(examples: readonly Example[], overrides: Overrides): Promise<ExampleScore[][]> {
    return (await this.#scorer.scoreBothWays(examples, overrides)).map((scores) => scores.map(counted))
  }
}

function counted(score: ExampleScore): ExampleScore {
  return { ...score, loss: score.isCorrect ? 0 : 1 }
}
