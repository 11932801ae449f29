import type { Handlers } from '../../ipc/contract.js'
import type { EngineContext } from '../context.js'

/** Stopping long requests. */
export function taskHandlers({ tasks }: EngineContext): Pick<Handlers<'engine'>, 'task.cancel'> {
  return {
    'task.cancel': ({ taskId }) => {
      tasks.cancel(taskId)
      return null
    },
  }
}
