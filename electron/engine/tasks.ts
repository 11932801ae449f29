import { setImmediate } from 'node:timers/promises'
import { EngineError } from '../../core/index.js'
import type { Tell } from '../ipc/contract.js'
import type { TaskPhase, TaskProgress } from '../ipc/tasks.js'
import { requestInvalid } from '../../core/schema/request-invalid.js'

/** Between two progress events of a task; a new phase is told at once. */
const progressEveryMs = 250

/** A long request, seen from inside. */
export interface Task {
  readonly signal: AbortSignal
  /** Tells how far it is, not more often than a person can read. @throws EngineError 'cancelled' */
  progress(phase: TaskPhase, done: number, total: number | null, unit: TaskProgress['unit']): void
  /** Lets other messages be answered. @throws EngineError 'cancelled' */
  breathe(): Promise<void>
}

/** For long work that nobody named: others are answered meanwhile, and nobody is told. */
export const quietTask: Pick<Task, 'progress' | 'breathe'> = {
  progress: () => undefined,
  breathe: async () => {
    await setImmediate()
  },
}

/**
 * Runs work that yields how far it is to its end, and lets others be answered after each piece. Where it is stopped in between it is
 * closed, and what it had open with it.
 *
 * @param tell about a piece; may throw to stop
 * @throws EngineError 'cancelled', and what the work throws
 */
export async function inPieces<Piece, Result>(
  work: Generator<Piece, Result>,
  task: Pick<Task, 'breathe'>,
  tell: (piece: Piece) => void,
): Promise<Result> {
  try {
    let next = work.next()
    for (; next.done !== true; next = work.next()) {
      tell(next.value)
      await task.breathe()
    }
    return next.value
  } finally {
    work.return(undefined as never)
  }
}

/** The long requests that go on, by the names that their askers gave them. */
export class Tasks {
  readonly #controllers = new Map<string, AbortController>()
  readonly #tell: Tell
  readonly #now: () => number

  constructor(tell: Tell, now: () => number) {
    this.#tell = tell
    this.#now = now
  }

  /** Runs `work` as the task of this name. @throws EngineError 'request-invalid' for a name in use, and what `work` throws */
  async run<T>(taskId: string, work: (task: Task) => Promise<T> | T): Promise<T> {
    if (this.#controllers.has(taskId)) {
      const issue = `taskId: '${taskId}' is the name of a task that still goes on`
      throw requestInvalid(issue)
    }
    const controller = new AbortController()
    this.#controllers.set(taskId, controller)
    try {
      const task = this.#task(taskId, controller.signal)
      await task.breathe()
      return await work(task)
    } finally {
      this.#controllers.delete(taskId)
    }
  }

  /** Asks a task to stop; does nothing where it is over. */
  cancel(taskId: string): void {
    this.#controllers.get(taskId)?.abort()
  }

  cancelAll(): void {
    for (const controller of this.#controllers.values()) controller.abort()
  }

  #task(taskId: string, signal: AbortSignal): Task {
    let told = { phase: '', at: -Infinity }
    const check = (): void => {
      if (signal.aborted) throw new EngineError('cancelled', {}, 'stopped, as asked')
    }
    return {
      signal,
      progress: (phase, done, total, unit) => {
        check()
        const at = this.#now()
        if (phase === told.phase && at - told.at < progressEveryMs) return
        told = { phase, at }
        this.#tell('task.progress', { taskId, phase, done, total, unit })
      },
      breathe: async () => {
        await setImmediate()
        check()
      },
    }
  }
}
