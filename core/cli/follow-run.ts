import type { TrainEvent } from '../schema/events.js'
import { runJob } from '../training/open-run.js'
import type { RunContext } from '../training/run-engine.js'
import { abortOnInterrupt } from './abort-on-interrupt.js'
import type { Output } from './output.js'
import { progressReporter } from './progress.js'

export type EndEvent = Extract<TrainEvent, { type: 'end' }>

/** Runs a job, showing it; Ctrl-C ends it after the step, a second Ctrl-C at once (nothing is lost either way). */
export async function followRun(context: Omit<RunContext, 'now'>, output: Output): Promise<EndEvent> {
  const interrupt = abortOnInterrupt(() =>
    output.say('stopping after this step; press Ctrl-C again to end at once'),
  )
  try {
    const report = progressReporter(output, context.job)
    let end: EndEvent | null = null
    for await (const event of runJob({ ...context, now: () => performance.now() }, interrupt.signal)) {
      report(event)
      if (event.type === 'end') end = event
    }
    if (end === null) throw new Error('a run ended without its last event')
    return end
  } finally {
    interrupt.release()
  }
}
