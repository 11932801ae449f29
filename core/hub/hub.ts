import { requestInvalid } from '../schema/request-invalid.js'
import type { Clock } from './clock.js'

/** What a request is sent with: the `fetch` of Node, or one of a test. */
export type Send = (
  address: string,
  options: {
    readonly headers: Record<string, string>
    readonly redirect: 'manual'
    readonly signal: AbortSignal
  },
) => Promise<Response>

/** A model hub, and how to reach it. */
export interface Hub {
  /** Address without a slash at its end. */
  readonly endpoint: string
  /** The person's own, sent to `endpoint` and nowhere else; null without. */
  readonly token: string | null
  /** True while no request may leave this computer; asked before each. */
  readonly isOffline: () => boolean
  readonly send: Send
  readonly clock: Clock
}

/** The hub that is asked where a person names no other. */
const defaultEndpoint = 'https://huggingface.co'

const thisComputer = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

/**
 * The address of a hub or a mirror of it: https, or http on this computer.
 *
 * @throws EngineError 'request-invalid'
 */
export function readEndpoint(text: string = defaultEndpoint): string {
  const address = URL.canParse(text) ? new URL(text) : null
  const isSafe =
    address?.protocol === 'https:' || (address?.protocol === 'http:' && thisComputer.test(address.hostname))
  if (address !== null && isSafe && address.username === '' && address.search === '' && address.hash === '') {
    return address.href.replace(/\/+$/, '')
  }
  const issue = `the hub's address should be https://HOST (http only on this computer), found '${text}'`
  throw requestInvalid(issue)
}
