import type { Messages } from './messages/en/index.js'

/** Languages that are complete. The first is the one for everyone else. */
export const locales = ['en', 'de'] as const
export type Locale = (typeof locales)[number]

/** The best of our languages for what the person's system prefers, such as `['de-AT', 'en']`. */
export function preferredLocale(wanted: readonly string[]): Locale {
  const found = wanted.map((tag) => tag.split('-')[0]).find((tag) => locales.some((locale) => locale === tag))
  return (found as Locale | undefined) ?? locales[0]
}

/** Loads the words of one language; the others stay on disk. */
export async function loadMessages(locale: Locale): Promise<Messages> {
  switch (locale) {
    case 'en':
      return (await import('./messages/en/index.js')).en
    case 'de':
      return (await import('./messages/de/index.js')).de
  }
}
