import type { Handlers } from '../../ipc/contract.js'
import type { RunDesk } from '../run-desk.js'

type RunHandlers = Pick<
  Handlers<'engine'>,
  | 'run.start'
  | 'run.current'
  | 'run.pause'
  | 'run.unpause'
  | 'run.stop'
  | 'run.discard'
  | 'run.resume'
  | 'run.list'
  | 'run.get'
  | 'run.rename'
  | 'run.note'
  | 'run.delete'
  | 'run.restore'
  | 'run.compare'
>

/** Runs: the one that goes, and those on disk. */
export function runHandlers(desk: RunDesk): RunHandlers {
  return {
    'run.start': (request) => desk.start(request),
    'run.current': () => ({ run: desk.current === null ? null : desk.details(desk.current.runId) }),
    'run.pause': ({ runId }) => {
      desk.require(runId).pause()
      return null
    },
    'run.unpause': ({ runId }) => {
      desk.require(runId).unpause()
      return null
    },
    'run.stop': async ({ runId }) => {
      await desk.require(runId).stop()
      return desk.summary(runId)
    },
    'run.discard': async ({ runId }) => {
      if (desk.current?.runId === runId) await desk.current.stop()
      desk.discard(runId)
      return null
    },
    'run.resume': ({ runId }) => desk.resume(runId),
    'run.list': () => ({ runs: desk.list() }),
    'run.get': ({ runId }) => desk.details(runId),
    'run.rename': ({ runId, name }) => desk.rename(runId, { name }),
    'run.note': ({ runId, note }) => desk.rename(runId, { note }),
    'run.delete': ({ runId }) => {
      desk.discard(runId)
      return null
    },
    'run.restore': ({ runId }) => desk.restore(runId),
    'run.compare': ({ runIds }) => desk.compare(runIds),
  }
}
