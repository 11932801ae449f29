/** A signal that Ctrl-C aborts, instead of ending the process. */
export interface Interrupt {
  readonly signal: AbortSignal
  /** Ctrl-C ends the process again. */
  readonly release: () => void
}

/** Catches Ctrl-C until it is released; a second Ctrl-C ends the process at once. */
export function abortOnInterrupt(): Interrupt {
  const controller = new AbortController()
  const onInterrupt = (): void => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
  }
  process.on('SIGINT', onInterrupt)
  const release = (): void => {
    process.off('SIGINT', onInterrupt)
  }
  return { signal: controller.signal, release }
}
