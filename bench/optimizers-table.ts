import { join } from 'node:path'
import type { Machine } from './machine.js'
import type { OptimizerResult } from './optimizers.js'
import { measuredOn, range, readResult } from './result-text.js'

/** Optimizers at equal steps, on both models side by side: a table of docs/training.md. */
export function optimizersTable(folder: string): string {
  const found = readResult(join(folder, 'optimizers.json')) as {
    results: OptimizerResult[]
    machine: Machine
  } | null
  if (found === null) return ''
  const { results, machine } = found
  const rows = results
    .filter(({ subject }) => subject === 'demo')
    .map((demo) => {
      const smol = results.find(
        ({ subject, optimizer }) => subject === 'SmolLM2' && optimizer === demo.optimizer,
      )
      const ofSmol =
        smol === undefined
          ? ['', '', '']
          : [rate(smol.learningRate), smol.loss.mean.toFixed(3), percent(smol.accuracy.mean)]
      const ofDemo = [
        rate(demo.learningRate),
        range(demo.loss, (loss) => loss.toFixed(3)),
        range(demo.accuracy, percent),
      ]
      return [demo.optimizer, ...ofDemo, ...ofSmol, (smol ?? demo).bytesPerNumber.toFixed(1)]
    })
  return [
    `\`exact-lora\`, batches of 16, dev rows after the last step; ${measuredOn(machine)}. On the demonstration's model (every linear, rank 32, 100 steps, ${results[0].loss.n} seeds) each optimizer has the best of four learning rates; on SmolLM2 (SST-2, 60 steps, 1 seed) the recipe's own times how much the optimizer's differed from AdamW's.`,
    '',
    '| optimizer | demo: rate | loss | accuracy | SmolLM2: rate | loss | accuracy | bytes of state a number |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n')
}

function rate(value: number): string {
  return String(Number(value.toPrecision(2)))
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
