import { join } from 'node:path'
import type { Machine, Spread } from './machine.js'
import type { OptimizerResult } from './optimizers.js'
import { measuredOn, percent, range, readResult } from './result-text.js'

/** Optimizers at equal steps, on both models side by side: a table of docs/training.md. */
export function optimizersTable(folder: string): string {
  const found = readResult(join(folder, 'optimizers.json')) as {
    results: OptimizerResult[]
    machine: Machine
  } | null
  if (found === null) return ''
  const { results, machine } = found
  const [demo, smol] = (['demo', 'SmolLM2'] as const).map((name) =>
    results.filter(({ subject }) => subject === name),
  )
  const onDemo = `On the demonstration's model (every linear, rank 32, ${demo[0].steps} steps, seeds: ${demo[0].loss.n}) each optimizer has the best of three learning rates.`
  const onSmol =
    smol.length === 0
      ? ''
      : ` On SmolLM2 (SST-2, ${smol[0].steps} steps, 1 seed) it has the recipe's own times how much its best differed from AdamW's.`
  return [
    `\`exact-lora\`, batches of 16, dev rows after the last step; ${measuredOn(machine)}. ${onDemo}${onSmol}`,
    '',
    '| model | optimizer | learning rate | loss | accuracy | bytes of state a number |',
    '|---|---|---|---|---|---|',
    ...[...demo, ...smol].map(
      ({ subject, optimizer, learningRate, loss, accuracy, bytesPerNumber }) =>
        `| ${subject} | ${optimizer} | ${rate(learningRate)} | ${figures(loss, (value) => value.toFixed(3))} | ${figures(accuracy, percent)} | ${bytesPerNumber.toFixed(1)} |`,
    ),
  ].join('\n')
}

/** With extremes where there are several. */
function figures(spread: Spread, format: (value: number) => string): string {
  return spread.n === 1 ? format(spread.mean) : range(spread, format)
}

function rate(value: number): string {
  return String(Number(value.toPrecision(2)))
}
