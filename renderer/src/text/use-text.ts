import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { createFormat, type Format } from './format.js'
import type { MessageKey } from './message-key.js'

/** Says `key` in the chosen language. `count` picks between the forms of a sentence that has several. */
export type Translate = (
  key: MessageKey,
  values?: Readonly<Record<string, string | number>>,
  count?: number,
) => string

/** The words and the numbers of the chosen language. */
export function useText(): { readonly t: Translate; readonly format: ComputedRef<Format> } {
  const { t, locale } = useI18n({ useScope: 'global' })
  return {
    t: (key, values = {}, count) => (count === undefined ? t(key, values) : t(key, values, count)),
    format: computed(() => createFormat(locale.value)),
  }
}
