import { EngineError } from '../../core/schema/engine-error.js'
import type { Handlers } from '../ipc/contract.js'
import { hostHandlers, type HostOptions } from '../host/host-handlers.js'

/** What the browser host answers: no dialogs and no file manager, because its person may sit at another computer. */
export function webHandlers(options: HostOptions): Handlers<'host'> {
  return {
    ...hostHandlers(options),
    'model.pick': () => notAvailable('a file dialog'),
    'data.pick': () => notAvailable('a file dialog'),
    'folder.pick': () => notAvailable('a folder dialog'),
    'export.reveal': () => notAvailable('the file manager'),
  }
}

function notAvailable(feature: string): never {
  throw new EngineError('not-available', { feature }, `${feature} is not available in a browser; type a path`)
}
