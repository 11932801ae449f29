/** The size of a chart, in its own units. */
export const width = 760
export const height = 420
/** Room around what is drawn, for titles and numbers. */
export const frame = { left: 64, right: 24, top: 56, bottom: 52 }

/** Round values that enclose low … high: steps of 1, 2 or 5 times a power of ten. */
export function ticks(low: number, high: number): number[] {
  if (!(low <= high)) return [0, 1]
  const rough = (high - low || 1) / 6
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
  const first = Math.floor(low / step)
  const last = Math.max(first + 1, Math.ceil(high / step))
  return Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
}

/** Where a value lies between `from` and `to`, which the first and the last of `values` have. */
export function scale(values: readonly number[], from: number, to: number): (value: number) => number {
  const low = values[0]
  const span = (values.at(-1) ?? low) - low
  return (value) => from + ((value - low) / span) * (to - from)
}

/** A line across at a value, and its number. */
export function horizontal(y: number, value: number): string {
  const at = y.toFixed(1)
  return [
    `<line class="grid" x1="${frame.left}" x2="${width - frame.right}" y1="${at}" y2="${at}"/>`,
    `<text class="text" x="${frame.left - 8}" y="${(y + 4).toFixed(1)}" text-anchor="end">${Number(value.toPrecision(6))}</text>`,
  ].join('')
}

/** A text with its middle at x. */
export function text(x: number, y: number, content: string): string {
  return `<text class="text" x="${x.toFixed(1)}" y="${y}" text-anchor="middle">${content}</text>`
}

/** Text that is no markup. */
export function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/** How text and lines look, on white and on black; the media query refines that where it is honoured. */
const commonStyle = `
  .text { font: 13px system-ui, sans-serif; fill: #5f6b76 }
  .title { font-size: 16px; font-weight: 600 }
  .grid { stroke: #8b949e; stroke-opacity: 0.3 }`
const darkStyle = '@media (prefers-color-scheme: dark) { .text { fill: #b3bcc6 } }'

/** The beginning of an SVG: its size, its looks and its title. @param style of what only this chart has */
export function opening(
  title: string,
  size: { readonly height: number; readonly left: number },
  style = '',
): string[] {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${size.height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${commonStyle}${style}\n  ${darkStyle}\n</style>`,
    `<text class="text title" x="${size.left}" y="26">${escaped(title)}</text>`,
  ]
}
