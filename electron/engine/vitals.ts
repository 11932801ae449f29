import { measureMemory, type TrainEvent } from '../../core/index.js'
import type { RunVitals } from '../ipc/runs.js'

/** Where a run is after an event. */
export function vitalsAfter(before: RunVitals, event: TrainEvent): RunVitals {
  const idle = { ...before, done: null, total: null }
  switch (event.type) {
    case 'features':
    case 'base':
      return { ...before, ...measureMemory(), activity: 'features', done: event.done, total: event.total }
    case 'evaluating':
      return { ...before, ...measureMemory(), activity: 'evaluating', done: event.done, total: event.total }
    case 'step': {
      const { stepMs, remainingMs, residentBytes, peakBytes } = event
      return { ...idle, activity: 'training', stepMs, remainingMs, residentBytes, peakBytes }
    }
    case 'evaluation':
      return { ...idle, activity: 'training' }
    case 'end':
      return { ...idle, activity: 'closing' }
    case 'start':
    case 'notice':
      return before
  }
}
