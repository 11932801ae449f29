import type { ModelEntry, ModelSource } from '../../../electron/ipc/models.js'

/** Models under one heading. */
export interface ModelGroup {
  readonly group: ModelSource | 'recent'
  readonly models: readonly ModelEntry[]
}

const order = ['recent', 'embedded', 'file', 'hub', 'ollama', 'lm-studio', 'hugging-face'] as const

/** Models by where they come from, those used before first. Only names that contain `filter` count. */
export function groupModels(models: readonly ModelEntry[], filter: string): readonly ModelGroup[] {
  const wanted = filter.trim().toLowerCase()
  const matching = models.filter(({ name }) => name.toLowerCase().includes(wanted))
  const groupOf = ({ source, usedAt }: ModelEntry) =>
    usedAt !== null && source !== 'embedded' ? 'recent' : source
  return order.flatMap((group) => {
    const members = matching.filter((model) => groupOf(model) === group)
    return members.length === 0 ? [] : [{ group, models: members }]
  })
}
