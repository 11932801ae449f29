import type { EChartsCoreOption } from 'echarts/core'
import { type ChartPalette, withOpacity } from './palette.js'

/** What every chart has in common: no frame, hairlines, our type. Spread it first. */
export function chartStyle(palette: ChartPalette): EChartsCoreOption {
  const font = getComputedStyle(document.body).fontFamily
  return {
    animation: false,
    color: [...palette.series],
    textStyle: { fontFamily: font, fontSize: 12, color: palette.muted },
    grid: { left: 8, right: 12, top: 16, bottom: 4, containLabel: true },
    tooltip: {
      trigger: 'axis',
      // Drawn, not built as HTML: nothing from a file can become markup, and the content policy holds.
      renderMode: 'richText',
      backgroundColor: palette.surface,
      borderColor: palette.line,
      borderWidth: 1,
      padding: [6, 8],
      textStyle: { color: palette.ink, fontSize: 12, fontFamily: font },
      axisPointer: { lineStyle: { color: palette.muted, type: 'solid', width: 1 } },
    },
  }
}

/** An axis; spread it and add `type`, `data`, `name`. */
export function axisStyle(palette: ChartPalette): EChartsCoreOption {
  return {
    axisLine: { lineStyle: { color: palette.line } },
    axisTick: { show: false },
    axisLabel: { color: palette.muted, fontSize: 12 },
    nameTextStyle: { color: palette.muted, fontSize: 12 },
    splitLine: { lineStyle: { color: withOpacity(palette.line, 0.6) } },
  }
}
