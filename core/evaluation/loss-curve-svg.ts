import { frame, height, horizontal, opening, scale, text, ticks, width } from './chart-parts.js'

/** What a loss curve shows of a run. */
export interface LossCurve {
  readonly title: string
  /** Loss on the batch of each step, nats. */
  readonly steps: readonly { readonly step: number; readonly loss: number }[]
  /** On the dev rows; accuracy is null for text. */
  readonly evaluations: readonly {
    readonly step: number
    readonly loss: number
    readonly accuracy: number | null
  }[]
}

/** Weight of the past in the smoothed line. */
const smoothing = 0.95
/** More points than pixels draw nothing. */
const mostPoints = 2 * width

/** Of the three lines. */
const style = `
  .raw { stroke: #8b949e; stroke-opacity: 0.35; fill: none }
  .smooth { stroke: #2f81f7; stroke-width: 2; fill: none }
  .dev { stroke: #d9730d; stroke-width: 2; fill: none }
  .dot { fill: #d9730d }`

/**
 * Draws a run as an SVG: the loss of every batch and its running mean, the dev loss at each evaluation, and in the
 * legend the dev accuracy before training and at the best loss. The background is transparent.
 */
export function lossCurveSvg({ title, steps, evaluations }: LossCurve): string {
  const points = [...steps, ...evaluations]
  const lossTicks = ticks(
    points.reduce((lowest, { loss }) => Math.min(lowest, loss), Infinity),
    points.reduce((highest, { loss }) => Math.max(highest, loss), -Infinity),
  )
  const stepTicks = ticks(
    0,
    points.reduce((last, { step }) => Math.max(last, step), 1),
  )
  const x = scale(stepTicks, frame.left, width - frame.right)
  const y = scale(lossTicks, height - frame.bottom, frame.top)
  const at = ({ step, loss }: { readonly step: number; readonly loss: number }): string =>
    `${x(step).toFixed(1)},${y(loss).toFixed(1)}`
  const line = (name: string, along: readonly { readonly step: number; readonly loss: number }[]): string =>
    along.length < 2 ? '' : `<polyline class="${name}" points="${thinned(along).map(at).join(' ')}"/>`
  const grid = lossTicks.map((loss) => horizontal(y(loss), loss))
  const feet = stepTicks.map((step) =>
    text(x(step), height - frame.bottom + 20, step.toLocaleString('en-US')),
  )
  const dots = evaluations.map(({ step, loss }) => {
    return `<circle class="dot" cx="${x(step).toFixed(1)}" cy="${y(loss).toFixed(1)}" r="3.5"/>`
  })
  return [
    ...opening(title, { height, left: frame.left }, style),
    ...legend(accuracyChange(evaluations)),
    ...grid,
    ...feet,
    text((frame.left + width - frame.right) / 2, height - 10, 'step'),
    `<text class="text" transform="translate(16 ${(frame.top + height - frame.bottom) / 2}) rotate(-90)" text-anchor="middle">loss (nats)</text>`,
    line('raw', steps),
    line('smooth', smoothed(steps)),
    line('dev', evaluations),
    ...dots,
    '</svg>\n',
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function legend(accuracy: string): string[] {
  const entries = [
    ['raw', 'a batch'],
    ['smooth', 'running mean'],
    ['dev', `dev rows${accuracy}`],
  ] as const
  return entries.flatMap(([name, label], index) => {
    const x = frame.left + index * 130
    return [
      `<path class="${name}" d="M${x} 42h24"/>`,
      `<text class="text" x="${x + 30}" y="46">${label}</text>`,
    ]
  })
}

/** What share of the dev rows is right before training and at the best loss; empty for text. */
function accuracyChange(evaluations: LossCurve['evaluations']): string {
  const first = evaluations.at(0)
  if (first === undefined || first.accuracy === null) return ''
  const best = evaluations.reduce((lowest, each) => (each.loss < lowest.loss ? each : lowest))
  const share = (accuracy: number | null): string => `${(100 * (accuracy ?? 0)).toFixed(1)} %`
  return ` (${share(first.accuracy)} right at first, ${share(best.accuracy)} at the best)`
}

/** Exponential running mean, from the first value on. */
function smoothed(steps: LossCurve['steps']): LossCurve['steps'] {
  let mean: number | null = null
  return steps.map(({ step, loss }) => {
    mean = mean === null ? loss : smoothing * mean + (1 - smoothing) * loss
    return { step, loss: mean }
  })
}

function thinned<T>(points: readonly T[]): readonly T[] {
  const every = Math.ceil(points.length / mostPoints)
  return every <= 1 ? points : points.filter((_, index) => index % every === 0)
}
