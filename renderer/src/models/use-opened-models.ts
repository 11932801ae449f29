import { onScopeDispose } from 'vue'
import { useRouter } from 'vue-router'
import { useClient } from '../bridge/client.js'
import { useModels } from './models-store.js'

/** Chooses a model that the system asked to open, by a double click or a second start, and shows the model step. */
export function useOpenedModels(): void {
  const router = useRouter()
  const models = useModels()
  const stopListening = useClient().listen('model.opened', (entry) => {
    void models.select(entry)
    void router.push({ name: 'model' })
  })
  onScopeDispose(stopListening)
}
