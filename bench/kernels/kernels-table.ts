import type { KernelResult } from './measure-kernels.js'
import { around, measuredOn, row, type Measured } from '../result-text.js'

/** What other kernels take, and what they do to probes. */
export function kernelsSection({
  results,
  machine,
}: { readonly results: readonly KernelResult[] } & Measured): string[] {
  const counts = results.at(0)?.points.map(({ tokens }) => tokens) ?? []
  const probedRows = results.at(0)?.probedRows ?? 0
  return [
    '',
    '## Kernels',
    '',
    `${measuredOn(machine)}. SmolLM2 written as Q4_0 and as Q8_0, all blocks: the time of other kernels in parts of that of weights as inputs, taken in turn, by the tokens of a batch; and the losses and loss differences ℓ⁺ − ℓ⁻ of ${probedRows} rows that \`qzo-rows\` probes on SST-2, against those of inputs.`,
    '',
    row(
      'products',
      ...counts.map((tokens) => `${tokens} tokens`),
      'losses off by',
      'probes off by, in parts',
      'wrong signs',
    ),
    row(...Array<string>(counts.length + 4).fill('---')).replaceAll(' ', ''),
    ...results.map(({ name, points, lossDifference, probeError, wrongSigns }) =>
      row(
        name,
        ...points.map(({ ratio }) => around(ratio)),
        lossDifference.toExponential(1),
        probeError.toExponential(1),
        `${wrongSigns} of ${probedRows}`,
      ),
    ),
  ]
}
