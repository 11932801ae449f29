/** A signal that Ctrl-C aborts, instead of ending the process. */
export interface Interrupt {
  readonly signal: AbortSignal
  /** Ctrl-C ends the process again. */
  readonly release: () => void
}

const interrupts = ['SIGINT', 'SIGTERM'] as const

/**
 * Catches Ctrl-C until it is released; a second Ctrl-C ends the process at once.
 *
 * @param notify called at the first
 */
export function abortOnInterrupt(notify: () => void = () => undefined): Interrupt {
  const controller = new AbortController()
  const onInterrupt = (): void => {
    if (controller.signal.aborted) process.exit(130)
    notify()
    controller.abort()
  }
  for (const name of interrupts) process.on(name, onInterrupt)
  const release = (): void => {
    for (const name of interrupts) process.off(name, onInterrupt)
  }
  return { signal: controller.signal, release }
}
