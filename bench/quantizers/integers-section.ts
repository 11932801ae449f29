import { measuredOn, megabytes, row, type Measured } from '../result-text.js'
import type { IntegersResult } from './measure-integers.js'

/** What linears of integers in blocks cost. */
export function integersSection({ basePerplexity, results, machine }: IntegersResult & Measured): string[] {
  return [
    '',
    '## Integers in blocks',
    '',
    `${measuredOn(machine)}. SmolLM2's linears, from half floats (perplexity ${basePerplexity.toFixed(2)}) and on the same text; the token table stays in half floats. 2 and 3 bits are stored as codes of 4.`,
    '',
    '| bits | block | grid | rounding | perplexity | size | seconds of the processor | peak memory |',
    '|---|---|---|---|---|---|---|---|',
    ...results.map(({ bits, blockLength, grid, rounding, perplexity, byteLength, seconds, peakBytes }) =>
      row(
        ...[bits, blockLength, grid, rounding, perplexity.toFixed(perplexity < 1000 ? 2 : 0)],
        ...[megabytes(byteLength), seconds.toFixed(0), megabytes(peakBytes)],
      ),
    ),
  ]
}
