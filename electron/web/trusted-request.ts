import type { IncomingHttpHeaders } from 'node:http'

const loopbackNames: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * True where a request names this computer as its host: a page of another site that had its own name point here does not.
 * Any port is right, because a tunnel may end at another one.
 */
export function hasLoopbackHost({ host }: IncomingHttpHeaders): boolean {
  if (host === undefined) return false
  return loopbackNames.has(host.replace(/:\d{1,5}$/, ''))
}

/** True where a WebSocket is opened by a page that this server itself gave out. Browsers always say the origin. */
export function hasOwnOrigin(headers: IncomingHttpHeaders): boolean {
  const { origin, host } = headers
  return hasLoopbackHost(headers) && host !== undefined && origin === `http://${host}`
}
