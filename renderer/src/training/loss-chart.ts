import type { EChartsCoreOption } from 'echarts/core'
import type { EvaluationPoint, StepPoint } from '../../../electron/ipc/runs.js'
import { pairs } from '../ui/chart/pairs.js'
import { axisStyle, chartStyle } from '../ui/chart/chart-style.js'
import { type ChartPalette, withOpacity } from '../ui/chart/palette.js'

/** The words and numbers of a chart, in the language of the page. */
export interface LossChartText {
  readonly raw: string
  readonly smoothed: string
  readonly band: string
  readonly dev: string
  readonly step: (step: number) => string
  readonly loss: (loss: number) => string
  readonly count: (step: number) => string
}

interface TooltipItem {
  readonly value: readonly [number, number]
  readonly seriesId: string
}

/**
 * Loss over steps: every step as a faint line, the smoothed loss as a line inside the band of its noise (one standard
 * deviation), held-out losses as dots joined by a line, the best of them ringed.
 */
export function lossChart(
  palette: ChartPalette,
  { steps, evaluations }: { steps: readonly StepPoint[]; evaluations: readonly EvaluationPoint[] },
  lastStep: number,
  text: LossChartText,
): EChartsCoreOption {
  const [low, high] = lossRange(steps, evaluations)
  const names: Readonly<Record<string, string>> = {
    raw: text.raw,
    smoothed: text.smoothed,
    dev: text.dev,
  }
  const line = { type: 'line', showSymbol: false, silent: true } as const
  return {
    ...chartStyle(palette),
    legend: {
      top: 0,
      right: 8,
      icon: 'roundRect',
      itemWidth: 12,
      itemHeight: 4,
      selectedMode: false,
      textStyle: { color: palette.muted, fontSize: 12 },
      data: [text.raw, text.smoothed, text.band, text.dev],
    },
    grid: { left: 8, right: 16, top: 30, bottom: 4, containLabel: true },
    tooltip: {
      ...(chartStyle(palette)['tooltip'] as object),
      formatter: (items: readonly TooltipItem[]) =>
        [
          text.step(items[0]?.value[0] ?? 0),
          ...items.flatMap(({ seriesId, value }) => {
            const name = names[seriesId]
            return name === undefined ? [] : `${name}  ${text.loss(value[1])}`
          }),
        ].join('\n'),
    },
    xAxis: {
      ...axisStyle(palette),
      type: 'value',
      min: 0,
      max: lastStep,
      splitLine: { show: false },
      axisLabel: { ...(axisStyle(palette)['axisLabel'] as object), formatter: text.count, hideOverlap: true },
    },
    yAxis: {
      ...axisStyle(palette),
      type: 'value',
      min: low,
      max: high,
      axisLabel: {
        ...(axisStyle(palette)['axisLabel'] as object),
        formatter: text.loss,
        showMinLabel: false,
        showMaxLabel: false,
      },
    },
    series: [
      {
        ...line,
        id: 'raw',
        name: text.raw,
        // A symbol for each step would be an object of its own: megabytes, and slower with every step.
        lineStyle: { width: 1, color: withOpacity(palette.muted, 0.4) },
        itemStyle: { color: withOpacity(palette.muted, 0.4) },
        ...pairs(steps, ({ step, loss }) => [step, loss]),
      },
      {
        ...line,
        id: 'floor',
        stack: 'band',
        stackStrategy: 'all',
        lineStyle: { opacity: 0 },
        ...pairs(steps, ({ step, smoothedLoss, noise }) => [step, smoothedLoss - noise]),
      },
      {
        ...line,
        id: 'band',
        name: text.band,
        stack: 'band',
        stackStrategy: 'all',
        lineStyle: { opacity: 0 },
        itemStyle: { color: withOpacity(palette.accent, 0.25) },
        areaStyle: { color: withOpacity(palette.accent, 0.16) },
        ...pairs(steps, ({ step, noise }) => [step, 2 * noise]),
      },
      {
        ...line,
        id: 'smoothed',
        name: text.smoothed,
        lineStyle: { width: 2, color: palette.accent },
        itemStyle: { color: palette.accent },
        ...pairs(steps, ({ step, smoothedLoss }) => [step, smoothedLoss]),
      },
      {
        ...line,
        id: 'dev',
        name: text.dev,
        showSymbol: evaluations.length <= 60,
        symbol: 'circle',
        symbolSize: 5,
        lineStyle: { width: 1.5, color: palette.needle },
        itemStyle: { color: palette.needle, borderColor: palette.needle },
        data: evaluations.map(({ step, loss, isBest }) =>
          isBest
            ? {
                value: [step, loss],
                symbolSize: 10,
                itemStyle: { color: palette.surface, borderColor: palette.needle, borderWidth: 2.5 },
              }
            : { value: [step, loss] },
        ),
      },
    ],
  }
}

/** Shows nearly all points, so that one wild step does not flatten the rest; held-out losses are always in view. */
function lossRange(
  steps: readonly StepPoint[],
  evaluations: readonly EvaluationPoint[],
): readonly [number, number] {
  const losses = steps.map(({ loss }) => loss).toSorted((a, b) => a - b)
  const at = (share: number) => losses[Math.round(share * (losses.length - 1))]
  const shown = [
    at(0.01),
    at(0.99),
    ...steps.flatMap(({ smoothedLoss, noise }) => [smoothedLoss - noise, smoothedLoss + noise]),
    ...evaluations.map(({ loss }) => loss),
  ].filter((value) => value !== undefined)
  if (shown.length === 0) return [0, 1]
  const low = shown.reduce((least, value) => Math.min(least, value), Infinity)
  const high = shown.reduce((most, value) => Math.max(most, value), -Infinity)
  const margin = Math.max((high - low) * 0.06, 1e-6)
  return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin]
}
