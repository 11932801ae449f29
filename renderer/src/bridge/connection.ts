import { inject, type App, type InjectionKey, type Ref } from 'vue'
import type { ConnectionState } from './web-socket-bridge.js'

const key: InjectionKey<Readonly<Ref<ConnectionState>>> = Symbol('connection')

/** Makes the state of the connection known to every component. */
export function provideConnection(app: App, connection: Readonly<Ref<ConnectionState>>): void {
  app.provide(key, connection)
}

/** Whether the page can speak to its host; always so inside Electron. */
export function useConnection(): Readonly<Ref<ConnectionState>> {
  const connection = inject(key)
  if (connection === undefined) throw new Error('no connection was provided')
  return connection
}
