import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { barChartSvg } from '../core/evaluation/bar-chart-svg.js'
import { lineChartSvg } from '../core/evaluation/line-chart-svg.js'
import { spreadOf } from './machine.js'
import type { PlanCaseResult } from './memory-plan.js'
import { groupedBy } from './methods-table.js'
import { readMethodRuns } from './methods.js'
import type { PeersResult } from './peers.js'
import { readResult } from './result-text.js'
import type { ThroughputResult } from './throughput.js'

/** Draws what `results` has figures of, as SVG files in `folder`; returns their names. */
export function writeCharts(results: string, folder: string): string[] {
  const charts = new Map<string, string | null>([
    ['throughput', throughputChart(readResult(join(results, 'throughput.json')) as ThroughputResult | null)],
    ['peers', peersChart(readResult(join(results, 'peers.json')) as PeersResult | null)],
    ['memory', memoryChart(readResult(join(results, 'plan.json')) as { results: PlanCaseResult[] } | null)],
    ['methods', methodsChart(join(results, 'methods.jsonl'))],
  ])
  mkdirSync(folder, { recursive: true })
  return [...charts].flatMap(([name, chart]) => {
    if (chart === null) return []
    writeFileSync(join(folder, `${name}.svg`), chart)
    return [name]
  })
}

function throughputChart(result: ThroughputResult | null): string | null {
  if (result === null) return null
  const { points, prompt } = result
  const perSecond = (tokens: number, ms: number): { x: number; y: number } => ({
    x: tokens,
    y: (1000 * tokens) / ms,
  })
  return lineChartSvg({
    title: 'Forward pass of SmolLM2 by the tokens of a batch',
    xLabel: 'tokens a batch',
    yLabel: 'tokens a second',
    isLogarithmic: true,
    series: [
      {
        name: 'all blocks, 4-bit weights',
        points: points.map((p) => perSecond(p.tokens, p.forwardMs.median)),
      },
      {
        name: 'float32 products alone',
        points: points.map((p) => perSecond(p.tokens, p.forwardMs.median * p.shareOfProducts.median)),
      },
      { name: 'llama.cpp, one row', points: [perSecond(prompt.tokens, prompt.llamaMs.median)] },
    ],
  })
}

function peersChart(result: PeersResult | null): string | null {
  if (result === null) return null
  return lineChartSvg({
    title: `Dev loss by seconds of training, ${result.task}`,
    xLabel: 'seconds',
    yLabel: 'loss (nats)',
    isLogarithmic: false,
    series: result.methods.map(({ method, curve }) => ({
      name: method.replaceAll('`', ''),
      points: curve.map(({ seconds, loss }) => ({ x: seconds, y: loss })),
    })),
  })
}

function memoryChart(result: { readonly results: readonly PlanCaseResult[] } | null): string | null {
  if (result === null) return null
  const bar = (name: string, bytes: number, kind: string) => {
    const value = bytes / 1e6
    return { name, value, least: value, most: value, kind }
  }
  return barChartSvg({
    title: 'Memory of runs: planned and measured',
    label: 'MB',
    bars: result.results.flatMap(({ name, plan, peakBytes }) => [
      bar(name, plan.totalBytes, 'planned'),
      bar('', peakBytes, 'measured peak'),
    ]),
  })
}

function methodsChart(path: string): string | null {
  const runs = readMethodRuns(path)
  const first = runs.at(0)
  if (first === undefined) return null
  const { subject, budget } = first
  const recipes = groupedBy(
    runs.filter((run) => run.subject === subject && run.budget === budget),
    ({ recipe }) => recipe,
  )
  const bars = [...recipes].map(([name, ofRecipe]) => {
    const { mean, min, max } = spreadOf(ofRecipe.map(({ after }) => after.loss))
    return { name, value: mean, least: min, most: max }
  })
  return barChartSvg({
    title: `Dev loss after ${budget} forward passes (${subject}), ${first.before.loss.toFixed(2)} before`,
    label: 'loss (nats), mean and extremes of the seeds',
    bars: bars.toSorted((left, right) => left.value - right.value),
  })
}
