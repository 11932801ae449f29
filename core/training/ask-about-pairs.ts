import type { Example } from '../data/example.js'
import type { BaseMargins } from '../engine/base-margins.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import { askBase } from '../evaluation/ask-base.js'
import type { TrainEvent } from '../schema/events.js'

/** Asks the base about the pairs of both files, each as an evaluation would. */
export async function* askAboutPairs(
  base: ExampleScorer,
  files: readonly (readonly Example[])[],
  margins: BaseMargins,
): AsyncGenerator<TrainEvent> {
  const total = files.reduce((sum, { length }) => sum + length, 0)
  let before = 0
  for (const examples of files) {
    for await (const { done } of askBase(base, examples, margins)) {
      yield { type: 'base', done: before + done, total }
    }
    before += examples.length
  }
}
