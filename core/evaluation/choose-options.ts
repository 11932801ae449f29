import type { SequenceExample } from '../data/example.js'
import type { JudgedRow } from '../data/judged-rows.js'
import type { ExampleScorer } from '../engine/example-scorer.js'
import type { Overrides } from '../engine/overrides.js'
import { evaluate } from './evaluate.js'

/**
 * Chooses an option for each row: the one whose tokens have the highest mean log-probability after the prompt. One forward pass an
 * option.
 *
 * Source: MeZO, Malladi et al. 2023, appendix E.2, arXiv:2305.17333.
 *
 * @returns the text of the chosen option, a row
 */
export async function* chooseOptions(
  scorer: ExampleScorer,
  rows: readonly JudgedRow[],
  overrides: Overrides,
): AsyncGenerator<{ readonly done: number; readonly total: number }, readonly string[]> {
  const candidates = rows.flatMap((row) => row.options.map(({ tokens }) => candidate(row, tokens)))
  const { scores } = yield* evaluate(scorer, candidates, overrides, 0)
  let first = 0
  return rows.map(({ options }) => {
    const losses = scores.slice(first, (first += options.length)).map(({ loss }) => loss)
    return options[losses.indexOf(Math.min(...losses))]?.text ?? ''
  })
}

function candidate({ prompt, line }: JudgedRow, option: readonly number[]): SequenceExample {
  const tokens = Int32Array.from([...prompt, ...option])
  const scored = new Uint8Array(tokens.length).fill(1, Math.max(1, prompt.length))
  return { kind: 'sequence', tokens, scored, line }
}
