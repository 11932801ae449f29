import type { EChartsCoreOption } from 'echarts/core'
import { axisStyle, chartStyle } from '../ui/chart/chart-style.js'
import type { ChartPalette } from '../ui/chart/palette.js'

/** One curve of several. */
export interface OverlayCurve {
  readonly name: string
  readonly points: readonly (readonly [step: number, loss: number])[]
}

export interface OverlayText {
  readonly step: (step: number) => string
  readonly loss: (loss: number) => string
  readonly count: (step: number) => string
}

const dashes = ['solid', 'dashed', 'dotted', [8, 3, 2, 3], [2, 4], [12, 4]] as const

/** Few points far apart are points; many steps in a row are a line. */
function hasPoints(points: OverlayCurve['points']): boolean {
  const [first, second] = points
  return points.length <= 60 && (first === undefined || second === undefined || second[0] - first[0] > 1)
}

/** Losses of several runs over their steps; colour and dash both tell them apart. */
export function overlayChart(
  palette: ChartPalette,
  curves: readonly OverlayCurve[],
  lastStep: number,
  text: OverlayText,
): EChartsCoreOption {
  const label = axisStyle(palette)['axisLabel'] as object
  return {
    ...chartStyle(palette),
    legend: {
      top: 0,
      left: 0,
      icon: 'roundRect',
      itemWidth: 14,
      itemHeight: 4,
      selectedMode: false,
      textStyle: { color: palette.muted, fontSize: 12, width: 220, overflow: 'truncate' },
    },
    grid: { left: 8, right: 16, top: 24 + 16 * Math.ceil(curves.length / 2), bottom: 4, containLabel: true },
    tooltip: {
      ...(chartStyle(palette)['tooltip'] as object),
      formatter: (items: readonly { seriesName: string; value: readonly [number, number] }[]) =>
        [
          text.step(items[0]?.value[0] ?? 0),
          ...items.map(({ seriesName, value }) => `${seriesName}  ${text.loss(value[1])}`),
        ].join('\n'),
    },
    xAxis: {
      ...axisStyle(palette),
      type: 'value',
      min: 0,
      max: lastStep,
      splitLine: { show: false },
      axisLabel: { ...label, formatter: text.count, hideOverlap: true },
    },
    yAxis: {
      ...axisStyle(palette),
      type: 'value',
      scale: true,
      axisLabel: { ...label, formatter: text.loss },
    },
    series: curves.map(({ name, points }, index) => ({
      id: `curve-${index}`,
      name,
      type: 'line',
      showSymbol: hasPoints(points),
      symbol: 'circle',
      symbolSize: 5,
      lineStyle: { width: 1.75, type: dashes[index % dashes.length] },
      data: points,
    })),
  }
}
