import type { ModelChanges } from '../engine/model-changes.js'
import { requestIssue } from '../schema/request-issues.js'

/** @throws EngineError 'request-invalid' where a soft prompt was trained, which a file of this format has no place for */
export function refusePrompt(changes: ModelChanges, format: string): void {
  if ((changes.prompt?.() ?? null) === null) return
  throw requestIssue('prompt-in-format', { format })
}
