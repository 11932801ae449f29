import { inject, type App, type InjectionKey } from 'vue'
import { EngineError } from '../../../core/schema/engine-error.js'
import type { Bridge, RequestInput, RequestName, RequestOutput } from '../../../electron/ipc/contract.js'

/** The app as pages ask it: like the bridge, but failures are thrown. */
export interface Client {
  /** Asks and waits. Throws EngineError, with its code intact, when the app refuses. */
  request<N extends RequestName>(name: N, input: RequestInput<N>): Promise<RequestOutput<N>>
  readonly listen: Bridge['listen']
  /** The path of a dropped file; undefined where the host gives no paths, as in a browser. */
  pathOf(file: File): string | undefined
}

const key: InjectionKey<Client> = Symbol('client')

export function createClient(bridge: Bridge): Client {
  return {
    async request(name, input) {
      const reply = await bridge.request(name, input)
      if (!reply.ok) throw EngineError.fromData(reply.error)
      return reply.value
    },
    listen: (name, listener) => bridge.listen(name, listener),
    pathOf: (file) => bridge.pathOf?.(file),
  }
}

/** Makes the client known to every component and store of the app. */
export function provideClient(app: App, client: Client): void {
  app.provide(key, client)
}

/** The app's client, in a component, composable or store. */
export function useClient(): Client {
  const client = inject(key)
  if (client === undefined) throw new Error('no client was provided')
  return client
}
