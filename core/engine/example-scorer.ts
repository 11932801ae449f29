import type { Example } from '../data/example.js'
import type { ExampleScore } from './example-score.js'
import type { Overrides } from './overrides.js'

/** What training and evaluation ask of examples, whatever is measured. */
export interface ExampleScorer {
  /** False where nothing is right or wrong. */
  readonly hasAnswers: boolean
  /** Scores of `examples` at the state that `overrides` describes, in their order. */
  score(examples: readonly Example[], overrides: Overrides): Promise<ExampleScore[]>
  /** Scores at several states in turn. */
  scoreEach(examples: readonly Example[], overrides: readonly Overrides[]): Promise<ExampleScore[][]>
  /** Scores at a probe in both directions. Example i moves along lane i. */
  scoreBothWays(examples: readonly Example[], overrides: Overrides): Promise<ExampleScore[][]>
}
