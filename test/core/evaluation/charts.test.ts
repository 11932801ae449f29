import { describe, expect, it } from 'vitest'
import { barChartSvg } from '../../../core/evaluation/bar-chart-svg.js'
import { lineChartSvg } from '../../../core/evaluation/line-chart-svg.js'

const line = lineChartSvg({
  title: 'Speed <of> all',
  xLabel: 'tokens',
  yLabel: 'a second',
  isLogarithmic: true,
  series: [
    { name: 'first', points: [64, 256, 1024].map((x) => ({ x, y: x / 2 })) },
    { name: 'second', points: [{ x: 256, y: 100 }] },
  ],
})
const bars = barChartSvg({
  title: 'Loss',
  label: 'nats',
  bars: [
    { name: 'one', value: 1, least: 0.5, most: 1.5, kind: 'planned' },
    { name: 'two', value: 2, least: 2, most: 2, kind: 'measured' },
  ],
})

describe('a line chart', () => {
  it('puts powers of two at equal distances', () => {
    const [[first], [second], [third]] = placesOf(line, 'points')
    expect(second - first).toBeCloseTo(third - second, 1)
  })

  it('has a line and a name for each series, round numbers, and no markup in its title', () => {
    expect(line.match(/<polyline/g)?.length).toBe(2)
    const words = ['>first<', '>second<', '>64<', '>1,024<', '>400<', 'Speed &lt;of> all']
    expect(words.filter((word) => !line.includes(word))).toEqual([])
  })
})

describe('a bar chart', () => {
  it('has bars as long as their values are large, told apart by kind', () => {
    const [one, two] = [...bars.matchAll(/width="([\d.]+)" height="16" fill="(#\w+)"/g)]
    expect(Number(two[1]) / Number(one[1])).toBeCloseTo(2, 2)
    expect(one[2]).not.toBe(two[2])
    expect(bars).toContain('>planned<')
  })

  it('draws how far measurements spread', () => {
    const [from, to] = /x1="([\d.]+)" x2="([\d.]+)" y1="78"/.exec(bars)?.slice(1).map(Number) ?? []
    const [, length] = /width="([\d.]+)" height="16"/.exec(bars) ?? []
    expect(to - from).toBeCloseTo(Number(length), 1)
  })
})

it.each([line, bars])('is one well-formed drawing', (svg) => {
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*>[^]*<\/svg>\n$/)
  const opened = svg.match(/<(?!\/)[a-z]+/g)?.length
  const closed = (svg.match(/<\/[a-z]+/g)?.length ?? 0) + (svg.match(/\/>/g)?.length ?? 0)
  expect(opened).toBe(closed)
  expect(svg).not.toMatch(/NaN|Infinity/)
})

/** The places in the first attribute of that name. */
function placesOf(svg: string, name: string): number[][] {
  const [, list = ''] = new RegExp(`${name}="([^"]+)"`).exec(svg) ?? []
  return list.split(' ').map((place) => place.split(',').map(Number))
}
