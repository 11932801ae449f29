import type { BrowserContext, Page } from 'playwright-core'
import { EngineError } from '../../../core/schema/engine-error.js'
import {
  type EventName,
  type EventPayload,
  events,
  type ParsedInput,
  type Reply,
  type RequestName,
  type RequestOutput,
  requests,
} from '../../../electron/ipc/contract.js'

/** Answers of a made-up host, by request. A request without one fails with `not-available`. */
export type Answers = {
  [N in RequestName]?: (input: ParsedInput<N>) => RequestOutput<N> | Promise<RequestOutput<N>>
}

/** A host without an engine. Whatever crosses it is held against the contract, both ways. */
export interface FakeHost {
  /** Every request so far, in order. */
  readonly asked: readonly { readonly name: RequestName; readonly input: unknown }[]
  readonly tell: <N extends EventName>(page: Page, name: N, payload: EventPayload<N>) => Promise<void>
}

/** Puts `window.bridge` into every page of `context`, answered by `answers`. */
export async function installFakeHost(context: BrowserContext, answers: Answers): Promise<FakeHost> {
  const asked: { name: RequestName; input: unknown }[] = []

  await context.exposeFunction('askFakeHost', async (name: RequestName, input: unknown): Promise<Reply> => {
    asked.push({ name, input })
    try {
      const answer = answers[name] as ((input: unknown) => unknown) | undefined
      if (answer === undefined) {
        throw new EngineError('not-available', { feature: name }, `the fake host has no answer to ${name}`)
      }
      const value = await answer(requests[name].input.parse(input))
      return { ok: true, value: requests[name].output.parse(value) }
    } catch (thrown) {
      return { ok: false, error: EngineError.from(thrown).toData() }
    }
  })
  await context.addInitScript(installBridge)

  return {
    asked,
    tell: async (page, name, payload) => {
      const parsed: unknown = events[name].parse(payload)
      await page.evaluate(
        ([event, data]) => window.dispatchEvent(new CustomEvent(`fake:${String(event)}`, { detail: data })),
        [name, parsed],
      )
    },
  }
}

/** Runs in the page, before its own scripts. */
function installBridge(): void {
  const { askFakeHost } = window as unknown as {
    readonly askFakeHost: (name: string, input: unknown) => Promise<unknown>
  }
  Object.defineProperty(window, 'bridge', {
    value: {
      request: (name: string, input: unknown) => askFakeHost(name, input),
      listen: (name: string, listener: (payload: unknown) => void) => {
        const hear = (event: Event) => listener((event as CustomEvent).detail)
        window.addEventListener(`fake:${name}`, hear)
        return () => window.removeEventListener(`fake:${name}`, hear)
      },
    },
  })
}
