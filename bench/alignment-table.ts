import { join } from 'node:path'
import type { AlignmentResult } from './alignment.js'
import type { GradientShape } from './gradient-shape.js'
import type { Machine } from './machine.js'
import { measuredOn, readResult } from './result-text.js'

/** Where the true gradient lies, and how well steps agree with it: a table of docs/methods.md. Empty where nothing was measured. */
export function alignmentTable(folder: string): string {
  const measured = readResult(join(folder, 'alignment.json')) as {
    readonly machine: Machine
    readonly results: readonly AlignmentResult[]
  } | null
  if (measured === null) return ''
  const [{ task, rows, steps }] = measured.results
  return [
    `SmolLM2-135M-Instruct, ${task}, ${rows.examples} examples, ${steps[0].draws} steps of each way on batches of 16, all layers; ${measuredOn(measured.machine)}.`,
    ...measured.results.flatMap((result) => ['', ...stateLines(result)]),
  ].join('\n')
}

function stateLines({ stepsBefore, loss, rows, steps }: AlignmentResult): string[] {
  const when = stepsBefore === 0 ? 'At the start' : `After ${stepsBefore} exact steps`
  return [
    `**${when}** (loss ${loss.toFixed(3)}), of the gradient of ${rows.numbers.toLocaleString('en')} row factors: signal to noise of an example ${rows.signalToNoise.toPrecision(2)}; ${largestText(rows)}; by linear ${energyText(rows.linears)}; by layer ${energyText(largestOf(rows))}.`,
    '',
    '| step | numbers | passes | cosine with the steepest descent | its square a pass |',
    '|---|---|---|---|---|',
    ...steps.map(
      ({ name, numbers, passes, alignment, standardError }) =>
        `| ${name} | ${numbers.toLocaleString('en')} | ${passes} | ${(1000 * alignment).toFixed(2)} ± ${(1000 * standardError).toFixed(2)} · 10⁻³ | ${((1e6 * alignment ** 2) / passes).toFixed(2)} · 10⁻⁶ |`,
    ),
  ]
}

function largestText({ largest }: GradientShape): string {
  return largest
    .map(
      ({ share, energy }) => `the largest ${(100 * share).toFixed(1)} % hold ${(100 * energy).toFixed(0)} %`,
    )
    .join(', ')
}

function energyText(parts: GradientShape['layers']): string {
  return parts
    .map(
      ({ name, share, energy }) =>
        `${name} ${(100 * energy).toFixed(0)} % (of ${(100 * share).toFixed(0)} %)`,
    )
    .join(', ')
}

function largestOf({ layers }: GradientShape): GradientShape['layers'] {
  return layers.toSorted((left, right) => right.energy - left.energy).slice(0, 5)
}
