import { describe, expect, it } from 'vitest'
import { PageSessions } from '../../electron/web/page-sessions.js'
import { hasLoopbackHost, hasOwnOrigin } from '../../electron/web/trusted-request.js'

describe('sessions of the browser host', () => {
  it('open with the token, once while the session lives', () => {
    const { sessions } = withClock()
    expect(entered(sessions, sessions.token)).toBe(true)
    expect(sessions.enter({ token: sessions.token, session: null })).toEqual({ refusal: 'session-elsewhere' })
  })

  it('refuse a wrong token, and none at all', () => {
    const { sessions } = withClock()
    const wrong = `${sessions.token.slice(0, -1)}${sessions.token.endsWith('A') ? 'B' : 'A'}`
    expect(sessions.enter({ token: wrong, session: null })).toEqual({ refusal: 'wrong-token' })
    expect(sessions.enter({ token: null, session: null })).toEqual({ refusal: 'wrong-token' })
  })

  it('go on after a reload, by their own secret', () => {
    const { sessions } = withClock()
    const first = sessions.enter({ token: sessions.token, session: null })
    if (!('session' in first)) throw new Error('expected a session')
    sessions.leave()
    expect(sessions.enter({ token: null, session: first.session })).toEqual(first)
  })

  it('end some time after their window closed; then the token opens another', () => {
    const { sessions, clock } = withClock()
    entered(sessions, sessions.token)
    sessions.leave()
    expect(entered(sessions, sessions.token)).toBe(false)
    clock.ms += 31_000
    expect(entered(sessions, sessions.token)).toBe(true)
  })
})

describe('requests to the browser host', () => {
  it('must name this computer', () => {
    for (const host of ['127.0.0.1:80', 'localhost', 'localhost:65535', '[::1]:9']) {
      expect(hasLoopbackHost({ host })).toBe(true)
    }
    for (const host of ['example.com', '127.0.0.1.example.com:80', 'localhost.', '10.0.0.1:80', undefined]) {
      expect(hasLoopbackHost({ ...(host !== undefined && { host }) })).toBe(false)
    }
  })

  it('must come from the page that the same server gave out', () => {
    const host = '127.0.0.1:4000'
    expect(hasOwnOrigin({ host, origin: 'http://127.0.0.1:4000' })).toBe(true)
    for (const origin of ['http://127.0.0.1:4001', 'https://127.0.0.1:4000', 'http://evil.example', 'null']) {
      expect(hasOwnOrigin({ host, origin })).toBe(false)
    }
    expect(hasOwnOrigin({ host })).toBe(false)
    expect(hasOwnOrigin({ host: 'evil.example', origin: 'http://evil.example' })).toBe(false)
  })
})

function withClock() {
  const clock = { ms: 0 }
  return { clock, sessions: new PageSessions({ now: () => clock.ms }) }
}

function entered(sessions: PageSessions, token: string): boolean {
  return 'session' in sessions.enter({ token, session: null })
}
