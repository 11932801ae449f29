import { escaped, opening, scale, text, ticks, width } from './chart-parts.js'

/** A bar from 0 to a value, and how far its measurements spread. */
export interface ChartBar {
  readonly name: string
  readonly value: number
  readonly least: number
  readonly most: number
  /** What the bar is of, where bars of several kinds stand together; told apart by colour. */
  readonly kind?: string
}

export interface BarChart {
  readonly title: string
  readonly label: string
  readonly bars: readonly ChartBar[]
}

const rowHeight = 24
const namesWidth = 290
const rightRoom = 40
const colours = ['#0072b2', '#e69f00', '#009e73']

/** Draws lying bars, one below the other, with a line from the least to the most, as an SVG whose background is transparent. */
export function barChartSvg({ title, label, bars }: BarChart): string {
  const values = ticks(0, Math.max(...bars.map(({ most }) => most)))
  const x = scale(values, namesWidth, width - rightRoom)
  const kinds = [...new Set(bars.flatMap(({ kind }) => kind ?? []))]
  const top = kinds.length === 0 ? 44 : 66
  const bottom = top + rowHeight * bars.length
  const height = bottom + 52
  return [
    ...opening(title, { height, left: 12 }, style),
    ...kinds.map((kind, index) => {
      const at = 12 + 180 * index
      const box = `<rect x="${at}" y="42" width="14" height="14" fill="${colours[index % colours.length]}"/>`
      return `${box}<text class="text" x="${at + 20}" y="54">${escaped(kind)}</text>`
    }),
    ...values.flatMap((value) => [
      `<line class="grid" x1="${x(value).toFixed(1)}" x2="${x(value).toFixed(1)}" y1="${top}" y2="${bottom}"/>`,
      text(x(value), bottom + 20, Number(value.toPrecision(6)).toLocaleString('en-US')),
    ]),
    text((namesWidth + width - rightRoom) / 2, height - 10, escaped(label)),
    ...bars.map((bar, index) => barAt(bar, top + rowHeight * index, x, kinds)),
    '</svg>\n',
  ].join('\n')
}

const style = '\n  .spread { stroke: #8b949e; stroke-width: 2 }'

function barAt(
  { name, value, least, most, kind }: ChartBar,
  top: number,
  x: (value: number) => number,
  kinds: readonly string[],
): string {
  const colour = colours[kind === undefined ? 0 : kinds.indexOf(kind) % colours.length]
  const middle = top + rowHeight / 2
  const [from, to] = [x(least).toFixed(1), x(most).toFixed(1)]
  return [
    `<text class="text" x="${namesWidth - 8}" y="${middle + 4}" text-anchor="end">${escaped(name)}</text>`,
    `<rect x="${namesWidth}" y="${top + 4}" width="${(x(value) - namesWidth).toFixed(1)}" height="${rowHeight - 8}" fill="${colour}"/>`,
    `<line class="spread" x1="${from}" x2="${to}" y1="${middle}" y2="${middle}"/>`,
  ].join('')
}
