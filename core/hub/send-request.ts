import { EngineError } from '../schema/engine-error.js'
import { downloadInvalid } from './download-invalid.js'
import { dropBody } from './drop-body.js'
import type { Hub } from './hub.js'

/** A request to the hub. */
export interface HubRequest {
  readonly address: string
  /** What is asked for, for messages: `OWNER/NAME` or a file. */
  readonly name: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

const mostRedirects = 5
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** Statuses of a server that may do better soon. */
const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

/**
 * Sends one GET and gives its answer, redirects followed: to https only, or within the hub's own address, and the token goes to
 * that address alone. The only place where this program sends anything over a network.
 *
 * @throws EngineError 'network-off', 'network-failed', 'hub-busy', 'hub-not-found', 'hub-denied', 'download-invalid', 'cancelled'
 */
export async function sendRequest(
  hub: Hub,
  { address, name, headers, signal }: HubRequest,
): Promise<Response> {
  const home = new URL(hub.endpoint).origin
  let current = new URL(address)
  for (let hop = 0; hop <= mostRedirects; hop++) {
    const isHome = current.origin === home
    if (current.protocol !== 'https:' && !isHome) {
      throw downloadInvalid(name, `it leads to ${current.origin}, which is not encrypted`)
    }
    const authorization = isHome && hub.token !== null ? { authorization: `Bearer ${hub.token}` } : {}
    const response = await sendOnce(hub, current, { ...headers, ...authorization }, signal)
    const location = response.headers.get('location')
    if (!redirects.has(response.status) || location === null) {
      if (response.ok) return response
      dropBody(response.body)
      throw failureOf(response, current.host, name, hub.token !== null)
    }
    dropBody(response.body)
    if (!URL.canParse(location, current.href)) throw downloadInvalid(name, 'it leads to no address')
    current = new URL(location, current)
  }
  throw downloadInvalid(name, `it leads from address to address, more than ${mostRedirects} times`)
}

async function sendOnce(
  hub: Hub,
  address: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  if (hub.isOffline()) {
    throw new EngineError(
      'network-off',
      {},
      'the network is switched off for this program (settings, or HF_HUB_OFFLINE)',
    )
  }
  try {
    return await hub.send(address.href, { headers, redirect: 'manual', signal })
  } catch (thrown) {
    throw networkFailure(address.host, thrown, signal)
  }
}

/** What a broken connection becomes: 'cancelled' where the person ended it. */
export function networkFailure(host: string, thrown: unknown, signal: AbortSignal): EngineError {
  if (thrown instanceof EngineError) return thrown as EngineError
  if (signal.aborted && signal.reason instanceof EngineError) return signal.reason as EngineError
  if (signal.aborted) return new EngineError('cancelled', {}, 'stopped, as asked')
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
  return new EngineError('network-failed', { host, reason }, `${host} could not be reached: ${reason}`, {
    cause: thrown,
  })
}

function failureOf(response: Response, host: string, name: string, hasToken: boolean): EngineError {
  const { status, headers } = response
  const code = headers.get('x-error-code') ?? ''
  if (status === 404 || /NotFound$/.test(code)) {
    return new EngineError(
      'hub-not-found',
      { name },
      `${host} has no '${name}' (or it is private and needs a token)`,
    )
  }
  if (status === 401 || status === 403) {
    const wanted = hasToken
      ? `the token has no access to it; accept its terms at ${host} first`
      : 'it needs a token (HF_TOKEN or --token-file), and perhaps its terms accepted first'
    return new EngineError('hub-denied', { name, hasToken }, `${host} does not give out '${name}': ${wanted}`)
  }
  if (passing.has(status)) {
    const waitMs = readRetryAfter(headers.get('retry-after'), headers.get('date'))
    const until = waitMs === null ? '' : `; it asks to wait ${Math.ceil(waitMs / 1000)} s`
    return new EngineError('hub-busy', { host, waitMs }, `${host} is busy (status ${status})${until}`)
  }
  return downloadInvalid(name, `${host} answered with status ${status}`)
}

/** Milliseconds that a server asks to wait: seconds, or a date to be compared with its own clock. */
function readRetryAfter(value: string | null, date: string | null): number | null {
  if (value === null) return null
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000
  const wait = Date.parse(value) - Date.parse(date ?? '')
  return Number.isFinite(wait) ? Math.max(0, wait) : null
}
