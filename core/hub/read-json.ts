import type { z } from 'zod'
import { downloadInvalid } from './download-invalid.js'
import { bodyChunks } from './body-chunks.js'
import type { Hub } from './hub.js'
import { withRetries } from './retry.js'
import { sendRequest, type HubRequest } from './send-request.js'
import { openStallWatch, type StallWatch } from './stall-watch.js'

const mostBytes = 16 * 2 ** 20

/**
 * Asks the hub for JSON of a known shape, again where a failure may pass.
 *
 * @returns the value, and the address of the next page where the answer names one
 * @throws EngineError of `sendRequest`; 'download-invalid' for an answer of another shape, or too long
 */
export function readJson<T>(
  hub: Hub,
  request: HubRequest,
  schema: z.ZodType<T>,
): Promise<{ readonly value: T; readonly next: string | null }> {
  return withRetries({ clock: hub.clock, signal: request.signal }, async () => {
    const watch = openStallWatch(hub, request.address, request.signal)
    try {
      const headers = { accept: 'application/json' }
      const response = await sendRequest(hub, { ...request, headers, signal: watch.signal })
      const text = await readText(response, request, watch)
      const parsed = schema.safeParse(parseJson(text))
      if (!parsed.success)
        throw downloadInvalid(request.name, 'the hub answered something else than was expected')
      return { value: parsed.data, next: nextPage(response.headers.get('link')) }
    } finally {
      watch.close()
    }
  })
}

async function readText(
  response: Response,
  { address, name }: HubRequest,
  watch: StallWatch,
): Promise<string> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const bytes of bodyChunks(response, new URL(address).host, watch)) {
    length += bytes.byteLength
    if (length > mostBytes) throw downloadInvalid(name, `the hub's answer is longer than ${mostBytes} bytes`)
    pieces.push(bytes)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Undefined, which no schema takes, for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function nextPage(link: string | null): string | null {
  return /<([^>]+)>;\s*rel="next"/.exec(link ?? '')?.[1] ?? null
}
