import { dropBody } from './drop-body.js'
import { networkFailure } from './send-request.js'
import type { StallWatch } from './stall-watch.js'

/**
 * The bytes of an answer as they come. Ends with the watch's signal even where the connection does not: Node's `fetch` may leave a
 * read of an aborted answer open for ever. Whatever ends it, the connection is given up.
 *
 * @param host for messages
 * @throws EngineError 'network-failed', 'cancelled'
 */
export async function* bodyChunks(
  response: Response,
  host: string,
  watch: StallWatch,
): AsyncGenerator<Uint8Array> {
  if (response.body === null) return
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader()
  const { signal } = watch
  let abort = (): void => undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort)
  })
  // Where nothing waits for it any more, it is no failure.
  aborted.catch(() => undefined)
  try {
    for (;;) {
      const next = await Promise.race([reader.read(), aborted]).catch((thrown: unknown) => {
        throw networkFailure(host, thrown, signal)
      })
      if (next.done) return
      watch.note(next.value.byteLength)
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', abort)
    dropBody(reader)
  }
}
