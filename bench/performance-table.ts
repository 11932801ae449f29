import { join } from 'node:path'
import type { BackwardResult } from './backward.js'
import type { Spread } from './machine.js'
import type { PlanCaseResult } from './memory-plan.js'
import { kernelsSection } from './kernels/kernels-table.js'
import type { KernelResult } from './kernels/measure-kernels.js'
import type { OpeningResult } from './opening.js'
import type { PeersResult } from './peers.js'
import { peersSection } from './peers-table.js'
import { around, measuredOn, megabytes, percent, readResult, row, type Measured } from './result-text.js'
import { codeTablesSection } from './quantizers/code-tables-section.js'
import type { CodeTablesResult } from './quantizers/measure-code-tables.js'
import { integersSection } from './quantizers/integers-section.js'
import type { IntegersResult } from './quantizers/measure-integers.js'
import type { QuantizersResult } from './quantizers/measure-quantizers.js'
import type { RowsResult } from './rows/measure-rows.js'
import type { ShapeCaseResult } from './shapes/measure-shapes.js'
import { shapesSection } from './shapes/shapes-table.js'
import type { SpeedResult } from './speed.js'
import type { ThroughputResult } from './throughput.js'

/** What steps, passes and memory cost, as far as `folder` has figures of them: the tables of docs/performance.md. */
export function performanceTable(folder: string): string {
  const resultOf = (name: string) => readResult(join(folder, `${name}.json`))
  const speed = resultOf('speed') as ({ results: SpeedResult[] } & Measured) | null
  const backward = resultOf('backward') as { results: BackwardResult[] } | null
  const throughput = resultOf('throughput') as (ThroughputResult & Measured) | null
  const kernels = resultOf('kernels') as ({ results: KernelResult[] } & Measured) | null
  const opening = resultOf('opening') as OpeningResult | null
  const plan = resultOf('plan') as ({ results: PlanCaseResult[] } & Measured) | null
  const peers = resultOf('peers') as (PeersResult & Measured) | null
  const rows = resultOf('rows') as RowsResult | null
  const shapes = resultOf('shapes') as ({ results: ShapeCaseResult[] } & Measured) | null
  const quantizers = resultOf('quantizers') as (QuantizersResult & Measured) | null
  const codeTables = resultOf('codetables') as (CodeTablesResult & Measured) | null
  const integers = resultOf('integers') as (IntegersResult & Measured) | null
  const machine = (throughput ?? speed)?.machine
  if (machine === undefined) return ''
  return [
    `SmolLM2-135M-Instruct (Q4_1 GGUF); ${measuredOn(machine)}.`,
    ...stepSection(speed?.results ?? [], backward?.results ?? []),
    ...(throughput === null ? [] : throughputSection(throughput)),
    ...(kernels === null ? [] : kernelsSection(kernels)),
    ...(opening === null ? [] : openingSection(opening)),
    ...(peers === null ? [] : peersSection(peers)),
    ...(plan === null ? [] : planSection(plan)),
    ...(shapes === null ? [] : shapesSection(shapes)),
    ...(rows === null ? [] : rowsSection(rows)),
    ...(quantizers === null ? [] : quantizersSection(quantizers)),
    ...(codeTables === null ? [] : codeTablesSection(codeTables)),
    ...(integers === null ? [] : integersSection(integers)),
  ].join('\n')
}

function stepSection(speed: readonly SpeedResult[], backward: readonly BackwardResult[]): string[] {
  if (speed.length + backward.length === 0) return []
  return [
    '',
    '## A step against bare forward passes of the same rows',
    '',
    '| step | milliseconds | bare pass | ratio | limit |',
    '|---|---|---|---|---|',
    ...speed.map(({ recipe, stepMs, bareMs, bareRows, ratio, limit }) =>
      row(`\`${recipe}\`, all layers`, ms(stepMs), `${ms(bareMs)} (${bareRows} rows)`, around(ratio), limit),
    ),
    ...backward.map(({ layers, limit, forwardMs, bothMs, sweepRatio }) =>
      row(`sweep back, ${layers}`, `${ms(bothMs)} with the pass`, ms(forwardMs), around(sweepRatio), limit),
    ),
    ...(speed.length === 0 ? [] : ['', outsideLine(speed)]),
  ]
}

/** What our own code takes of a step, beside onnxruntime's. */
function outsideLine(speed: readonly SpeedResult[]): string {
  const shares = speed.map(({ recipe, stepOutside, bareOutside }) => {
    const { median, min, max, n } = stepOutside
    return `${percent(median)} (${percent(min)} to ${percent(max)}, n ${n}) of a step of \`${recipe}\`, ${percent(bareOutside.median)} of its bare pass`
  })
  return `Outside of onnxruntime, in code of ours with the probe and the move in a step, passes ${shares.join('; ')}.`
}

function throughputSection({ rowTokens, points, prompt }: ThroughputResult): string[] {
  const llama = (1000 * prompt.tokens) / prompt.llamaMs.median
  const ours = (1000 * prompt.tokens) / prompt.oursMs.median
  return [
    '',
    '## Tokens a second by the tokens of a batch',
    '',
    `Rows of ${rowTokens} tokens, all blocks. The last column is what onnxruntime's own float32 products of the same shapes, with constant weights, take of that time.`,
    '',
    '| tokens a batch | tokens a second | milliseconds | products alone |',
    '|---|---|---|---|',
    ...points.map(({ tokens, tokensPerSecond, forwardMs, shareOfProducts }) =>
      row(tokens, tokensPerSecond.toFixed(0), ms(forwardMs), around(shareOfProducts)),
    ),
    '',
    '![Tokens a second by the tokens of a batch](charts/throughput.svg)',
    '',
    `One row of ${prompt.tokens} tokens: ${ours.toFixed(0)} tokens a second; llama.cpp, which rounds activations to 8 bits and computes the output as well, ${llama.toFixed(0)}.`,
  ]
}

function openingSection({ firstLossMs, limitMs, programMs }: OpeningResult): string[] {
  return [
    '',
    '## Opening',
    '',
    `From the command typed to the loss of a first row: ${ms(firstLossMs)} (limit ${limitMs} ms), of which the program alone takes ${ms(programMs)}.`,
  ]
}

function planSection({ results, machine }: { results: readonly PlanCaseResult[] } & Measured): string[] {
  return [
    '',
    '## Memory: planned and measured',
    '',
    `${measuredOn(machine)}.`,
    '',
    '| run | planned | measured peak | planned too little (−) or too much |',
    '|---|---|---|---|',
    ...results.map(({ name, plan, peakBytes, error }) =>
      row(name, megabytes(plan.totalBytes), megabytes(peakBytes), `${(100 * error).toFixed(1)} %`),
    ),
    '',
    '![Memory of runs, planned and measured](charts/memory.svg)',
  ]
}

function rowsSection({ fileBytes, rows, indexMs, peakBytes, sampleMs }: RowsResult): string[] {
  return [
    '',
    '## Finding rows of a large file',
    '',
    `A JSON Lines file of ${(fileBytes / 1e9).toFixed(1)} GB (${rows.toLocaleString('en')} rows), just written and so in the system's cache, is indexed in ${(indexMs / 1000).toFixed(1)} s at a peak of ${megabytes(peakBytes)}; then a row anywhere in it takes ${sampleMs.toFixed(1)} ms.`,
  ]
}

function quantizersSection({ basePerplexity, results, machine }: QuantizersResult & Measured): string[] {
  return [
    '',
    '## Writing other types',
    '',
    `${measuredOn(machine)}. SmolLM2, whose weights have been in 4 bits before, from half floats (perplexity ${basePerplexity.toFixed(2)} on the first 8,000 tokens of WikiText-2's test part): written, read back and compared. Q4_1 is the type that the weights had. What \`gptq\` and \`awq\` read is the validation part.`,
    '',
    '| type | rounding | perplexity | size | seconds of the processor | peak memory |',
    '|---|---|---|---|---|---|',
    ...results.map(({ type, rounding, perplexity, byteLength, seconds, peakBytes }) =>
      row(
        `\`${type}\``,
        rounding,
        perplexity.toFixed(2),
        megabytes(byteLength),
        seconds.toFixed(0),
        megabytes(peakBytes),
      ),
    ),
  ]
}

function ms({ median, min, max, n }: Spread): string {
  return `${median.toFixed(0)} ms (${min.toFixed(0)}-${max.toFixed(0)}, n ${n})`
}
