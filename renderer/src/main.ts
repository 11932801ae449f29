import { createPinia } from 'pinia'
import { createApp, ref, watch } from 'vue'
import App from './App.vue'
import { createClient, provideClient } from './bridge/client.js'
import { type ConnectionState, findBridge } from './bridge/find-bridge.js'
import { provideConnection } from './bridge/connection.js'
import NoConnection from './bridge/NoConnection.vue'
import { createPages } from './router.js'
import { useSettings } from './settings/settings-store.js'
import { useHost } from './shell/host-store.js'
import { changeLocale, createText } from './text/i18n.js'
import { preferredLocale } from './text/locales.js'
import { followWizardRun } from './training/follow-wizard-run.js'
import { useWizard } from './wizard/wizard-store.js'
import './styles/main.css'

/** Composition root of the page: a bridge, what the host remembers, then the app. */
async function start(): Promise<void> {
  const text = await createText(preferredLocale(navigator.languages))
  const connection = ref<ConnectionState>('connected')
  const bridge = await findBridge((state) => (connection.value = state)).catch(() => undefined)
  if (bridge === undefined) {
    createApp(NoConnection, { state: connection.value }).use(text).mount('#app')
    return
  }

  const app = createApp(App)
  const client = createClient(bridge)
  provideClient(app, client)
  provideConnection(app, connection)
  app.use(createPinia()).use(text)
  await app.runWithContext(async () => {
    const settings = useSettings()
    const wizard = useWizard()
    await Promise.all([settings.load(), useHost().load(), wizard.load()])
    void followWizardRun(client, wizard)
    watch(
      () => settings.theme,
      (theme) => (document.documentElement.dataset['theme'] = theme),
      { immediate: true },
    )
    watch(
      () => settings.locale,
      (locale) => changeLocale(text, locale),
    )
    await changeLocale(text, settings.locale)
  })
  app.use(createPages()).mount('#app')
}

void start()
