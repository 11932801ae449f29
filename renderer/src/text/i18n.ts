import { createI18n } from 'vue-i18n'
import { loadMessages, type Locale } from './locales.js'
import type { Messages } from './messages/en/index.js'

/** The app's words. Messages become trees, never code: the content policy allows no `eval`. */
export async function createText(locale: Locale) {
  const messages = await loadMessages(locale)
  return createI18n<false>({
    locale,
    messages: { [locale]: messages },
    missingWarn: false,
    fallbackWarn: false,
  })
}

export type Text = Awaited<ReturnType<typeof createText>>

/** Changes the language of a running app. */
export async function changeLocale(text: Text, locale: Locale): Promise<void> {
  const messages = await loadMessages(locale)
  text.global.setLocaleMessage(locale, messages as unknown as Record<keyof Messages, never>)
  text.global.locale.value = locale
  document.documentElement.lang = locale
}
