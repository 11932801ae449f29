import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Refusal } from '../ipc/frames.js'

/** For so long after its window closed a session waits for a reload. */
const graceMs = 30_000

export interface SessionOptions {
  /** Milliseconds from any fixed moment. */
  readonly now: () => number
}

/** What a page shows to be let in. */
export interface Credentials {
  readonly token: string | null
  readonly session: string | null
}

/**
 * Who may talk to the app: one window at a time. The token of the address opens a session; while the session lives, only its
 * own secret does, so that an address seen by someone else is worth nothing. A session lives while its window is open, and
 * long enough for a reload after that; then the token opens another.
 */
export class PageSessions {
  /** Of the address. */
  readonly token = secret()
  readonly #now: () => number
  #session: string | null = null
  #leftAt: number | null = null

  constructor({ now }: SessionOptions) {
    this.#now = now
  }

  /** Lets a page in with its session's secret, or says why not. */
  enter({ token, session }: Credentials): { readonly session: string } | { readonly refusal: Refusal } {
    if (this.#session !== null && session !== null && isSame(session, this.#session)) {
      this.#leftAt = null
      return { session: this.#session }
    }
    if (token === null || !isSame(token, this.token)) return { refusal: 'wrong-token' }
    if (this.#isAlive()) return { refusal: 'session-elsewhere' }
    this.#session = secret()
    this.#leftAt = null
    return { session: this.#session }
  }

  /** The session's window is gone, perhaps to come back. */
  leave(): void {
    this.#leftAt = this.#now()
  }

  #isAlive(): boolean {
    if (this.#session === null) return false
    return this.#leftAt === null || this.#now() - this.#leftAt < graceMs
  }
}

function secret(): string {
  return randomBytes(24).toString('base64url')
}

/** In a time that says nothing about where they differ. */
function isSame(found: string, expected: string): boolean {
  const [left, right] = [Buffer.from(found), Buffer.from(expected)]
  return left.length === right.length && timingSafeEqual(left, right)
}
