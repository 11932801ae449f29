import type { EChartsCoreOption } from 'echarts/core'
import type { StepPoint } from '../../../electron/ipc/runs.js'
import { pairs } from '../ui/chart/pairs.js'
import { axisStyle, chartStyle } from '../ui/chart/chart-style.js'
import type { ChartPalette } from '../ui/chart/palette.js'

export interface SlopeChartText {
  readonly step: (step: number) => string
  readonly slope: (slope: number) => string
  readonly count: (step: number) => string
}

/** Size of the slope over steps: of the projected gradients, or of the exact one. */
export function slopeChart(
  palette: ChartPalette,
  steps: readonly StepPoint[],
  lastStep: number,
  text: SlopeChartText,
): EChartsCoreOption {
  return {
    ...chartStyle(palette),
    tooltip: {
      ...(chartStyle(palette)['tooltip'] as object),
      formatter: (items: readonly { value: readonly [number, number] }[]) =>
        items.map(({ value: [step, slope] }) => `${text.step(step)}\n${text.slope(slope)}`).join('\n'),
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
      scale: false,
      min: 0,
      axisLabel: { ...(axisStyle(palette)['axisLabel'] as object), formatter: text.slope },
      splitNumber: 2,
    },
    series: [
      {
        id: 'slope',
        type: 'line',
        showSymbol: false,
        silent: true,
        lineStyle: { width: 1.25, color: palette.series[2] ?? palette.accent },
        itemStyle: { color: palette.series[2] ?? palette.accent },
        ...pairs(steps, ({ step, slope }) => [step, Math.abs(slope)]),
      },
    ],
  }
}
