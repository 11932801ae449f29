import { describe, expect, it } from 'vitest'
import { lossCurveSvg } from '../../../core/evaluation/loss-curve-svg.js'

const steps = Array.from({ length: 1000 }, (_, step) => ({ step, loss: 1 + Math.exp(-step / 200) }))
const evaluations = [
  { step: 0, loss: 2, accuracy: 0.25 },
  { step: 1000, loss: 1.01, accuracy: 0.75 },
]

describe('a loss curve', () => {
  const svg = lossCurveSvg({ title: 'A <run> & "more"', steps, evaluations })

  it('is one well-formed drawing without scripts, with its title escaped', () => {
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*>[^]*<\/svg>\n$/)
    expect(svg.includes('A &lt;run> &amp; &quot;more&quot;')).toBe(true)
    const opened = svg.match(/<(?!\/)[a-z]+/g)?.length
    const closed = (svg.match(/<\/[a-z]+/g)?.length ?? 0) + (svg.match(/\/>/g)?.length ?? 0)
    expect(opened).toBe(closed)
  })

  it('labels round values on both axes, and the accuracy before and at the best', () => {
    const labels = ['>1<', '>1.6<', '>2<', '>1,000<', '>step<', '>loss (nats)<']
    expect(labels.filter((label) => !svg.includes(label))).toEqual([])
    expect(svg.includes('25.0 % right at first, 75.0 % at the best')).toBe(true)
  })

  it('keeps every point inside the frame', () => {
    const points = [...svg.matchAll(/points="([^"]+)"/g)].flatMap(([, list]) => list.split(' '))
    expect(points.length).toBeGreaterThan(2000)
    for (const point of points) {
      const [x, y] = point.split(',').map(Number)
      expect(x).toBeGreaterThanOrEqual(64)
      expect(x).toBeLessThanOrEqual(736)
      expect(y).toBeGreaterThanOrEqual(56)
      expect(y).toBeLessThanOrEqual(368)
    }
  })

  it('draws runs of any length, also of none, one value, or no accuracy', () => {
    const long = Array.from({ length: 300_000 }, (_, step) => ({ step, loss: 1 }))
    expect(lossCurveSvg({ title: '', steps: long, evaluations: [] }).length).toBeLessThan(60_000)
    const few = [{ step: 0, loss: 1.5, accuracy: null }]
    for (const curve of [
      { title: '', steps: [], evaluations: [] },
      { title: '', steps: few, evaluations: few },
    ]) {
      expect(lossCurveSvg(curve)).not.toMatch(/NaN|Infinity|right/)
    }
  })
})
