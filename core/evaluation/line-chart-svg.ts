import { escaped, frame, height, horizontal, opening, scale, text, ticks, width } from './chart-parts.js'

/** A line of a chart, from left to right. */
export interface ChartSeries {
  readonly name: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

export interface LineChart {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  /** Powers of two along x, which are above 0, at equal distances. */
  readonly isLogarithmic: boolean
  readonly series: readonly ChartSeries[]
}

/** Told apart in print and by most colour-blind people: Okabe and Ito 2008, readable on white and on black. */
const colours = ['#0072b2', '#e69f00', '#009e73', '#d55e00', '#cc79a7', '#56b4e9', '#8b949e', '#b8a800']

/** Draws lines with a dot at every point, and a legend, as an SVG whose background is transparent. */
export function lineChartSvg({ title, xLabel, yLabel, isLogarithmic, series }: LineChart): string {
  const all = series.flatMap(({ points }) => points)
  const along = (x: number): number => (isLogarithmic ? Math.log2(x) : x)
  const yTicks = ticks(Math.min(0, ...all.map(({ y }) => y)), Math.max(...all.map(({ y }) => y)))
  const [first, last] = [Math.min(...all.map(({ x }) => along(x))), Math.max(...all.map(({ x }) => along(x)))]
  const xTicks = isLogarithmic ? wholeNumbers(Math.floor(first), Math.ceil(last)) : ticks(first, last)
  const rows = Math.ceil(series.length / namesPerRow)
  const top = frame.top + legendHeight * rows
  const x = scale(xTicks, frame.left, width - frame.right)
  const y = scale(yTicks, height - frame.bottom, top)
  return [
    ...opening(title, { height, left: frame.left }),
    ...series.map(({ name }, index) => legendEntry(name, index)),
    ...yTicks.map((value) => horizontal(y(value), value)),
    ...xTicks.map((value) =>
      text(
        x(value),
        height - frame.bottom + 20,
        (isLogarithmic ? 2 ** value : value).toLocaleString('en-US'),
      ),
    ),
    text((frame.left + width - frame.right) / 2, height - 10, escaped(xLabel)),
    `<text class="text" transform="translate(16 ${(top + height - frame.bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(yLabel)}</text>`,
    ...series.map(({ points }, index) => {
      const colour = colourOf(index)
      const places = points.map((point) => [x(along(point.x)).toFixed(1), y(point.y).toFixed(1)] as const)
      const line = places.map((place) => place.join(',')).join(' ')
      const dots = places.map(([cx, cy]) => `<circle fill="${colour}" cx="${cx}" cy="${cy}" r="3"/>`)
      return `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${line}"/>${dots.join('')}`
    }),
    '</svg>\n',
  ].join('\n')
}

const namesPerRow = 3
const legendHeight = 20

function legendEntry(name: string, index: number): string {
  const x = frame.left + (index % namesPerRow) * 224
  const y = 42 + legendHeight * Math.floor(index / namesPerRow)
  const line = `<path fill="none" stroke="${colourOf(index)}" stroke-width="2" d="M${x} ${y}h24"/>`
  return `${line}<text class="text" x="${x + 30}" y="${y + 4}">${escaped(name)}</text>`
}

function colourOf(index: number): string {
  return colours[index % colours.length]
}

function wholeNumbers(from: number, to: number): number[] {
  return Array.from({ length: Math.max(2, to - from + 1) }, (_, index) => from + index)
}
