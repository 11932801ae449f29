import { join } from 'node:path'
import type { ExamplesResult } from './examples.js'
import type { KeepResult } from './keep-base.js'
import type { Machine } from './machine.js'
import { measuredOn, megabytes, percent, readResult, type Measured } from './result-text.js'
import type { TwoBitsResult } from './two-bits.js'

/** What exact gradients do beside labels, as far as `folder` has figures of it: a table of docs/training.md. */
export function objectivesTable(folder: string): string {
  const resultOf = (name: string) => readResult(join(folder, `${name}.json`))
  const examples = resultOf('examples') as (ExamplesResult & Measured) | null
  const keep = resultOf('keep') as ({ results: KeepResult[] } & Measured) | null
  const twoBits = resultOf('twobits') as (TwoBitsResult & Measured) | null
  const rows = [
    ...(examples === null ? [] : exampleRows(examples)),
    ...(keep === null ? [] : keepRows(keep.results[0], keep.machine)),
    ...(twoBits === null ? [] : twoBitRows(twoBits)),
  ]
  return [
    'SmolLM2-135M-Instruct (Q4_1 GGUF), one seed.',
    '',
    '| what is trained | measured | before | after | peak memory | on |',
    '|---|---|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n')
}

function exampleRows({ steps, pairSteps, answers, pairs, peakBytes, machine }: ExamplesResult & Measured) {
  const [peak, on] = [megabytes(peakBytes), measuredOn(machine)]
  return [
    [
      `answers of ours (\`resources/examples\`), \`exact-rows\`, ${steps} steps`,
      `exact match of ${answers.rows} held-out answers`,
      ...[percent(answers.before), percent(answers.after), peak, on],
    ],
    [
      `preference pairs of ours, \`exact-rows\` (DPO), ${pairSteps} steps`,
      `mean margin of ${pairs.rows} held-out pairs; pairs whose better reply gained more`,
      ...['0 nats', `${pairs.margin.toFixed(2)} nats; ${percent(pairs.preferred)}`, peak, on],
    ],
  ]
}

function keepRows({ steps, basePerplexity, runs }: KeepResult, machine: Machine) {
  return runs.map(({ weight, accuracy, perplexity, peakBytes }) => [
    `SST-2, ${steps} steps, ${weight === null ? 'alone' : 'kept to the base on WikiText-2 (`--keep-base`)'}`,
    `perplexity of other text, at an accuracy of ${percent(accuracy)} afterwards`,
    ...[basePerplexity.toFixed(2), perplexity.toFixed(2), megabytes(peakBytes), measuredOn(machine)],
  ])
}

function twoBitRows({ runs, linears, machine }: TwoBitsResult & Measured) {
  return runs.map(({ recipe, learningRate, steps, trainingSeconds, before, after, peakBytes }) => [
    `\`${linears}\` rounded to 2 bits, \`${recipe}\` (learning rate ${learningRate}), ${steps} steps in ${trainingSeconds.toFixed(0)} s`,
    'perplexity of WikiText-2',
    ...[before.toFixed(2), after.toFixed(2), megabytes(peakBytes), measuredOn(machine)],
  ])
}
