import type { RunState } from '../../../electron/ipc/runs.js'

/** The colour that repeats what the word for a state says. */
export const runTone: Readonly<Record<RunState, 'neutral' | 'accent' | 'good' | 'warn' | 'bad'>> = {
  preparing: 'accent',
  running: 'accent',
  pausing: 'warn',
  paused: 'warn',
  stopping: 'warn',
  stopped: 'neutral',
  done: 'good',
  failed: 'bad',
  interrupted: 'bad',
}
