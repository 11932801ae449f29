import { createPinia } from 'pinia'
import { describe, expect, it } from 'vitest'
import { createApp, effectScope } from 'vue'
import type { RunDetails, RunSummary } from '../../../electron/ipc/runs.js'
import { provideClient, type Client } from '../../../renderer/src/bridge/client.js'
import { useLiveRun } from '../../../renderer/src/training/use-live-run.js'

/** A page that follows a run, and an engine whose answers come when the test says so. */
function following() {
  const answers: ((details: RunDetails) => void)[] = []
  const listeners = new Map<string, (payload: never) => void>()
  const client = {
    request: () => new Promise((resolve) => answers.push(resolve)),
    listen: (name: string, listener: (payload: never) => void) => {
      listeners.set(name, listener)
      return () => listeners.delete(name)
    },
    pathOf: () => undefined,
  } as unknown as Client
  const app = createApp({})
  app.use(createPinia())
  provideClient(app, client)
  const live = app.runWithContext(() => effectScope(true).run(() => useLiveRun(() => 'run')))
  if (live === undefined) throw new Error('the scope was stopped')
  return {
    live,
    answer: async (state: RunSummary['state']) => {
      answers.shift()?.({ summary: summary(state), notices: [] } as unknown as RunDetails)
      await new Promise(setImmediate)
    },
    tell: (state: RunSummary['state']) => listeners.get('run.changed')?.(summary(state) as never),
  }
}

function summary(state: RunSummary['state']): RunSummary {
  return { runId: 'run', state, endReason: null } as RunSummary
}

describe('a run that a page follows', () => {
  it('is what was told last, also where a change overtakes an answer that is older', async () => {
    const { live, answer, tell } = following()
    await answer('running')
    expect(live.run.value?.summary.state).toBe('running')

    const reloaded = live.reload()
    tell('paused')
    await answer('pausing')
    await reloaded
    expect(live.run.value?.summary.state).toBe('paused')
  })

  it('is what an answer says where nothing was told meanwhile', async () => {
    const { live, answer, tell } = following()
    await answer('running')
    tell('paused')
    const reloaded = live.reload()
    await answer('running')
    await reloaded
    expect(live.run.value?.summary.state).toBe('running')
  })
})
