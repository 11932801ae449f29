/** What the app asks when it is closed while a run goes. */
export interface QuitText {
  readonly message: string
  readonly detail: string
  readonly stop: string
  readonly cancel: string
}

const texts: Readonly<Record<'en' | 'de', QuitText>> = {
  en: {
    message: 'A run is still going',
    detail: 'It stops after its current step, and everything it learned is kept. You can resume it later.',
    stop: 'Stop and quit',
    cancel: 'Keep training',
  },
  de: {
    message: 'Ein Lauf ist noch im Gang',
    detail:
      'Er hält nach dem laufenden Schritt an, und alles Gelernte bleibt erhalten. Später geht er weiter.',
    stop: 'Anhalten und beenden',
    cancel: 'Weiter trainieren',
  },
}

/** In the person's language where we have it, in English otherwise. @param language BCP 47 */
export function quitText(language: string): QuitText {
  return /^de\b/i.test(language) ? texts.de : texts.en
}
