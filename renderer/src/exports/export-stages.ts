import type { ExportFormat, ExportRecord } from '../../../electron/ipc/exports.js'
import type { TaskPhase } from '../../../electron/ipc/tasks.js'

/** The stages of an export as a person follows them. */
export const stageNames = ['prepare', 'write', 'read', 'prove', 'import', 'card'] as const
export type StageName = (typeof stageNames)[number]
export type StageStatus = 'waiting' | 'going' | 'done' | 'failed' | 'skipped'

export interface Stage {
  readonly name: StageName
  readonly status: StageStatus
}

const stageOf: Readonly<Partial<Record<TaskPhase, StageName>>> = {
  'reading-header': 'prepare',
  hashing: 'prepare',
  'loading-model': 'prepare',
  'replaying-steps': 'prepare',
  writing: 'write',
  'reading-back': 'read',
  proving: 'prove',
  generating: 'prove',
  'writing-card': 'card',
  importing: 'import',
}

/** Which stages a format has: an adapter of either kind cannot generate, and only Ollama imports. */
export function stagesOf(format: ExportFormat): readonly StageName[] {
  return stageNames.filter((name) => {
    if (name === 'prove') return format !== 'adapter' && format !== 'gguf-lora'
    return name !== 'import' || format === 'ollama'
  })
}

/**
 * The checklist of an export at one moment. `reached`: every phase that it reported so far; the last one is under way, unless
 * the export is over (`outcome`).
 */
export function stages(
  format: ExportFormat,
  reached: readonly TaskPhase[],
  outcome: 'going' | 'failed' | ExportRecord | null,
): readonly Stage[] {
  const names = stagesOf(format)
  if (outcome !== null && typeof outcome === 'object') {
    return names.map((name) => ({ name, status: verdictOf(name, outcome) }))
  }
  const seen = reached.flatMap((phase) => stageOf[phase] ?? [])
  const current = seen.reduce((last, name) => Math.max(last, names.indexOf(name)), outcome === null ? -1 : 0)
  return names.map((name, index) => ({
    name,
    status:
      index < current ? 'done' : index > current ? 'waiting' : outcome === 'failed' ? 'failed' : 'going',
  }))
}

function verdictOf(name: StageName, { checks }: ExportRecord): StageStatus {
  const own = checks.filter(({ check }) => {
    if (name === 'read') return check === 'read-back' || check === 'same-losses'
    if (name === 'prove') return check === 'generates' || check === 'stops'
    return name === 'import' && check === 'imported'
  })
  if (own.some(({ passed }) => passed === false)) return 'failed'
  return own.length > 0 && own.every(({ passed }) => passed === null) ? 'skipped' : 'done'
}
