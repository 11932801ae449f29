/** What a person can answer when the app is closed while a run goes. */
export type QuitAnswer = 'stop' | 'cancel'

export interface QuitOptions {
  /** The run that goes, or null. */
  readonly runId: () => string | null
  /** Asks; the first answer is the default: stop and keep. */
  readonly ask: () => Promise<QuitAnswer>
  /** Stops and keeps the run, and ends the engine. */
  readonly closeEngine: () => Promise<void>
  /** Ends the app. */
  readonly quit: () => void
}

/**
 * What happens before the app quits. While a run goes it asks; whatever goes is stopped and kept. Asked twice, it asks once.
 *
 * @returns a function that says whether quitting may go on now
 */
export function quitGuard({ runId, ask, closeEngine, quit }: QuitOptions): () => boolean {
  let stage: 'open' | 'closing' | 'closed' = 'open'
  const close = async (): Promise<void> => {
    if (runId() !== null && (await ask()) === 'cancel') {
      stage = 'open'
      return
    }
    await closeEngine()
    stage = 'closed'
    quit()
  }
  return () => {
    if (stage === 'open') {
      stage = 'closing'
      void close()
    }
    return stage === 'closed'
  }
}
