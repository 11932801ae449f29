import { readFile } from 'node:fs/promises'
import { securityHeaders } from '../host/content-policy.js'
import { findPageFile } from '../host/page-file.js'
import { pageOrigin } from './trusted-sender.js'

/** Says that pages of this scheme are like those of https. Must be told to Electron before it is ready. */
export const pageScheme = {
  scheme: new URL(pageOrigin).protocol.slice(0, -1),
  privileges: { standard: true, secure: true, supportFetchAPI: true },
} as const

/** Answers a request of the window for a file of the page's bundle; anything else is refused. */
export async function answerPage(folder: string, { method, url }: Request): Promise<Response> {
  const headers = { ...securityHeaders }
  const address = new URL(url)
  if (method !== 'GET' || address.host !== new URL(pageOrigin).host) {
    return new Response(null, { status: 403, headers })
  }
  const file = findPageFile(folder, address.pathname)
  if (file === null) return new Response(null, { status: 404, headers })
  const body = await readFile(file.path)
  return new Response(new Uint8Array(body), { headers: { ...headers, 'Content-Type': file.contentType } })
}
