import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { RequestInput } from '../../../electron/ipc/contract.js'
import type { Settings } from '../../../electron/ipc/app.js'
import { useClient } from '../bridge/client.js'
import { preferredLocale } from '../text/locales.js'

/** The person's settings as the host keeps them. `load` once before the app is shown. */
export const useSettings = defineStore('settings', () => {
  const client = useClient()
  const settings = shallowRef<Settings>()
  const systemIsDark = matchMedia('(prefers-color-scheme: dark)')
  const isSystemDark = ref(systemIsDark.matches)
  systemIsDark.addEventListener('change', ({ matches }) => (isSystemDark.value = matches))
  client.listen('settings.changed', (changed) => (settings.value = changed))

  const theme = computed(() => {
    const wanted = settings.value?.theme ?? 'system'
    return wanted === 'system' ? (isSystemDark.value ? 'dark' : 'light') : wanted
  })
  const locale = computed(() => {
    const wanted = settings.value?.language ?? null
    return preferredLocale(wanted === null ? navigator.languages : [wanted])
  })

  async function load(): Promise<void> {
    settings.value = await client.request('settings.get', null)
  }

  /** Changes what is named and keeps it. */
  async function change(changes: RequestInput<'settings.change'>): Promise<void> {
    settings.value = await client.request('settings.change', changes)
  }

  return { settings, theme, locale, load, change }
})
