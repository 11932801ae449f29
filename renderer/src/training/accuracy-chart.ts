import type { EChartsCoreOption } from 'echarts/core'
import type { EvaluationPoint } from '../../../electron/ipc/runs.js'
import { axisStyle, chartStyle } from '../ui/chart/chart-style.js'
import { type ChartPalette, withOpacity } from '../ui/chart/palette.js'

/** An evaluation of a task that has answers to be right about. */
export type AccuracyPoint = EvaluationPoint & { readonly accuracy: number }

export interface AccuracyChartText {
  readonly step: (step: number) => string
  readonly share: (share: number) => string
  readonly count: (step: number) => string
}

/** Most error bars that can be told apart; with more evaluations, the interval becomes a band. */
const mostBars = 60

/** Accuracy over steps with the 95 % interval of each figure. */
export function accuracyChart(
  palette: ChartPalette,
  points: readonly AccuracyPoint[],
  lastStep: number,
  text: AccuracyChartText,
): EChartsCoreOption {
  const low = (point: AccuracyPoint) => point.accuracyLow ?? point.accuracy
  const high = (point: AccuracyPoint) => point.accuracyHigh ?? point.accuracy
  const floor = points.reduce((least, point) => Math.min(least, low(point)), 1)
  const ceiling = points.reduce((most, point) => Math.max(most, high(point)), 0)
  const [lowest, highest] = [Math.max(0, Math.floor(floor * 5) / 5), Math.min(1, Math.ceil(ceiling * 5) / 5)]
  const line = { type: 'line', silent: true } as const
  const hasBars = points.length <= mostBars
  const interval = hasBars
    ? [
        {
          ...line,
          id: 'bars',
          symbol: 'rect',
          symbolSize: [7, 1.5],
          lineStyle: { width: 1.5, color: withOpacity(palette.accent, 0.6) },
          itemStyle: { color: withOpacity(palette.accent, 0.6) },
          // One series for all bars, with a gap after each.
          data: points.flatMap((point) => [
            [point.step, low(point)],
            [point.step, high(point)],
            [point.step, NaN],
          ]),
        },
      ]
    : [
        {
          ...line,
          id: 'floor',
          stack: 'band',
          stackStrategy: 'all',
          showSymbol: false,
          lineStyle: { opacity: 0 },
          data: points.map((point) => [point.step, low(point)]),
        },
        {
          ...line,
          id: 'band',
          stack: 'band',
          stackStrategy: 'all',
          showSymbol: false,
          lineStyle: { opacity: 0 },
          areaStyle: { color: withOpacity(palette.accent, 0.16) },
          data: points.map((point) => [point.step, high(point) - low(point)]),
        },
      ]
  return {
    ...chartStyle(palette),
    tooltip: {
      ...(chartStyle(palette)['tooltip'] as object),
      formatter: (items: readonly { value: readonly [number, number] }[]) => {
        const point = points.find(({ step }) => step === items[0]?.value[0])
        if (point === undefined) return ''
        const shown = `${text.share(low(point))} – ${text.share(high(point))}`
        return `${text.step(point.step)}\n${text.share(point.accuracy)}  (${shown})`
      },
    },
    grid: { left: 8, right: 16, top: 12, bottom: 4, containLabel: true },
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
      // Whole fifths, and steps that divide what lies between: an end of its own would have its label over the next one's.
      min: lowest,
      max: highest,
      interval: (highest - lowest) / 2,
      axisLabel: { ...(axisStyle(palette)['axisLabel'] as object), formatter: text.share },
    },
    series: [
      ...interval,
      {
        ...line,
        id: 'accuracy',
        symbol: 'circle',
        symbolSize: 6,
        showSymbol: hasBars,
        lineStyle: { width: 1.5, color: palette.accent },
        itemStyle: { color: palette.accent },
        data: points.map(({ step, accuracy }) => [step, accuracy]),
      },
    ],
  }
}
