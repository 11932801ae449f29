import { describe, expect, it } from 'vitest'
import type { CoreSharing } from '../../../core/runtime/core-sharing.js'
import { sharingSession, type OrtSession } from '../../../core/runtime/sharing-session.js'

/** Sessions that note who ran and who was released. */
function sessionsOf(notes: string[]): (name: string) => OrtSession {
  return (name) => ({
    run: () => {
      notes.push(name)
      return Promise.resolve({})
    },
    release: () => {
      notes.push(`${name} released`)
      return Promise.resolve()
    },
  })
}

describe('a session that shares cores', () => {
  it('opens the graph again once others want the cores, and goes back', async () => {
    const notes: string[] = []
    const session = sessionsOf(notes)
    let isShared = false
    const sharing: CoreSharing = {
      get yields() {
        return isShared
      },
      watch: (compute) => compute(),
    }
    const opened = sharingSession(session('spins'), () => Promise.resolve(session('sleeps')), sharing)
    for (const next of [false, true, true, false]) {
      isShared = next
      await opened.run({}, {})
    }
    await opened.release()
    expect(notes).toEqual(['spins', 'sleeps', 'sleeps', 'spins', 'spins released', 'sleeps released'])
  })

  it('always spins where a graph is not to be opened twice', async () => {
    const notes: string[] = []
    const sharing: CoreSharing = { yields: true, watch: (compute) => compute() }
    const opened = sharingSession(sessionsOf(notes)('spins'), null, sharing)
    await opened.run({}, {})
    await opened.release()
    expect(notes).toEqual(['spins', 'spins released'])
  })
})
