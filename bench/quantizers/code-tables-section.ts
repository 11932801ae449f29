import { measuredOn, megabytes, row, type Measured } from '../result-text.js'
import type { CodeTablesResult } from './measure-code-tables.js'

/** What linears in 4 bits cost, each in its own way. */
export function codeTablesSection({
  basePerplexity,
  results,
  machine,
}: CodeTablesResult & Measured): string[] {
  return [
    '',
    '## Codes that look a table up',
    '',
    `${measuredOn(machine)}. SmolLM2's linears in 4 bits, from half floats (perplexity ${basePerplexity.toFixed(2)}) and on the same text; the token table stays in half floats. Bits are of a weight with its share of the scales; outliers of OPQ come on top.`,
    '',
    '| linears | block | bits | perplexity | seconds of the processor | peak memory |',
    '|---|---|---|---|---|---|',
    ...results.map(({ name, blockLength, bits, perplexity, seconds, peakBytes }) =>
      row(`\`${name}\``, blockLength, bits, perplexity.toFixed(2), seconds.toFixed(0), megabytes(peakBytes)),
    ),
  ]
}
