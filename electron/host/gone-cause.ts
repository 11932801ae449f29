import type { GoneCause } from '../ipc/app.js'
import type { EngineExit } from './engine-child.js'

/** What V8, C++ and the kernel say where memory ran out. */
const outOfMemory = /out of memory|bad_alloc|allocation failed|cannot allocate memory/i

/** What an exit means. A process killed from outside may well have been killed for its memory; only it could have said so. */
export function goneCause({ code, signal, lastWords }: EngineExit): GoneCause {
  if (outOfMemory.test(lastWords)) return 'out-of-memory'
  if (signal === 'SIGKILL' || signal === 'SIGTERM') return 'killed'
  return code === 0 ? 'ended' : 'crashed'
}
