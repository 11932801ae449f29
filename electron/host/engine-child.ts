import type { HostFrame } from '../ipc/engine-frames.js'

/** How an engine process ended. */
export interface EngineExit {
  readonly code: number | null
  /** Of POSIX, such as SIGKILL. */
  readonly signal: string | null
  /** The last lines that it wrote. */
  readonly lastWords: string
}

/** A running engine process, forked by Electron or by Node. */
export interface EngineChild {
  send(frame: HostFrame): void
  onFrame(listener: (frame: unknown) => void): void
  /** Called once, whatever ended it. */
  onExit(listener: (exit: EngineExit) => void): void
  kill(): void
}
