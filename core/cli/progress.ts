import type { TrainEvent } from '../schema/events.js'
import type { TrainJob } from '../schema/job.js'
import { formatBytes, formatCount, formatDuration, formatLoss, formatShare } from './format.js'
import type { Output } from './output.js'

/**
 * Shows the events of a run as they come: JSON lines, or lines for people with one that is rewritten.
 *
 * @param job a run on a score shows that; in its events, a loss is 1 − score
 */
export function progressReporter(output: Output, job: Pick<TrainJob, 'score'>): (event: TrainEvent) => void {
  const words = job.score === null ? lossWords : scoreWords
  let latest = ''
  return (event) => {
    output.emit(event)
    switch (event.type) {
      case 'start':
        output.say(startLine(event))
        return
      case 'notice':
        output.say(`note: ${event.message}`)
        return
      case 'features':
        output.live(`preparing: ${event.done} of ${event.total} rows, ${formatBytes(event.bytes)} on disk`)
        if (event.done === event.total) {
          output.say(`feature cache: ${formatCount(event.total)} rows, ${formatBytes(event.bytes)} on disk`)
        }
        return
      case 'base':
        output.live(`asking the base: ${event.done} of ${event.total} pairs`)
        if (event.done === event.total)
          output.say(`the base was asked about ${formatCount(event.total)} pairs`)
        return
      case 'evaluating':
        output.live(`evaluating: ${event.done} of ${event.total} rows`)
        return
      case 'evaluation':
        latest = ` | dev ${words.figures(event.loss, event.accuracy)}`
        output.say(
          `step ${event.step}: dev ${words.name} ${words.figures(event.loss, event.accuracy)}${event.isBest ? ' (best)' : ''}, cost ${Math.round(event.forwardPasses)} passes`,
        )
        return
      case 'step':
        output.live(stepLine(event, words) + latest)
        return
      case 'end':
        for (const line of endLines(event, words)) output.say(line)
    }
  }
}

type EventOf<T extends TrainEvent['type']> = Extract<TrainEvent, { type: T }>

function startLine(event: EventOf<'start'>): string {
  const from = event.step > 0 ? ` from step ${event.step}` : ''
  return `training ${formatCount(event.trainedNumbers)} numbers on ${formatCount(event.trainExamples)} rows, ${formatCount(event.devExamples)} dev rows, ${formatCount(event.steps)} steps${from}`
}

function stepLine(event: EventOf<'step'>, { name, shown }: Words): string {
  const left = event.remainingMs === null ? '' : ` | ${formatDuration(event.remainingMs)} left`
  const rate = 1000 / event.stepMs
  const kept = event.divergence === undefined ? '' : ` | ${event.divergence.toFixed(4)} from the base`
  return `step ${event.step}/${event.steps}${left} | ${name} ${formatLoss(shown(event.smoothedLoss))}${kept} | ${rate.toFixed(rate < 10 ? 2 : 0)} steps/s | ${formatBytes(event.residentBytes)} (peak ${formatBytes(event.peakBytes)})`
}

function endLines(event: EventOf<'end'>, { name, figures, changed }: Words): string[] {
  const { before, after, lossChange } = event
  const why = {
    'steps-done': 'all steps are done: the run ends on its best state',
    patience: 'no better evaluation for a while: the run ends on its best state',
    stopped: 'stopped, and everything is saved; the best state so far',
  }[event.reason]
  const { mean, low, high } = lossChange
  const interval =
    low === null || high === null
      ? 'too few rows for an interval'
      : `95 % interval ${changed([low, high]).map(formatLoss).join(' to ')}`
  const change = `${formatLoss(changed([mean])[0])} (${interval})`
  return [
    `${why}, step ${event.bestStep} of ${event.step}`,
    `before ${figures(before.loss, before.accuracy)}   after ${figures(after.loss, after.accuracy)}   ${name} change ${change}`,
    ...(event.isMeasurable
      ? []
      : [
          `nothing measurable changed: the interval of the ${name} change holds 0, or there are too few rows for one`,
        ]),
    `cost ${Math.round(event.forwardPasses)} forward passes, peak memory ${formatBytes(event.peakBytes)}`,
  ]
}

/** How figures are shown. */
interface Words {
  readonly name: string
  readonly shown: (loss: number) => number
  readonly figures: (loss: number, accuracy: number | null) => string
  /** Of a change of the loss, or of both ends of its interval, the lower end first. */
  readonly changed: (change: readonly number[]) => number[]
}

const lossWords: Words = {
  name: 'loss',
  shown: (loss) => loss,
  figures: (loss, accuracy) =>
    accuracy === null ? formatLoss(loss) : `${formatLoss(loss)}, accuracy ${formatShare(accuracy)}`,
  changed: (change) => [...change],
}

/** A row of score 1 is perfect. */
const scoreWords: Words = {
  name: 'score',
  shown: (loss) => 1 - loss,
  figures: (loss, perfect) =>
    `${(1 - loss).toFixed(4)}${perfect === null ? '' : `, perfect ${formatShare(perfect)}`}`,
  changed: (change) => change.map((each) => -each).toReversed(),
}
