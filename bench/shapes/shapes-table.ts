import type { Machine } from '../machine.js'
import { gigabytes, measuredOn } from '../result-text.js'
import type { ShapeCaseResult } from './measure-shapes.js'

/** A section of docs/performance.md: large shapes within their budgets. */
export function shapesSection({
  results,
  machine,
}: {
  readonly results: readonly ShapeCaseResult[]
  readonly machine: Machine
}): string[] {
  return [
    '',
    '## Large shapes',
    '',
    `${measuredOn(machine)}. Made-up weights in Q4_0, rows of 256 tokens, three steps, peak of the process with its evaluations; seconds are of the last step, on a machine that other work shared. Exports are read back and scored.`,
    '',
    '| shape and budget | file | batch | losses | peak | layers read from the file | seconds a step | resumes to the same bits | export: seconds, peak |',
    '|---|---|---|---|---|---|---|---|---|',
    ...results.map(
      ({ case: { name, batchSize }, fileBytes, losses, peakBytes, ...result }) =>
        `| ${[
          ...[name, gigabytes(fileBytes), batchSize, losses.map((loss) => loss.toFixed(2)).join(', ')],
          ...[gigabytes(peakBytes), result.streamedLayers, result.secondsAStep.toFixed(0)],
          result.resumesExactly === null ? '' : result.resumesExactly ? 'yes' : 'no',
          result.export === null
            ? ''
            : `${result.export.seconds.toFixed(0)} s, ${gigabytes(result.export.peakBytes ?? NaN)}`,
        ].join(' | ')} |`,
    ),
  ]
}
