import type { ModelChanges } from '../engine/model-changes.js'
import { requestInvalid } from '../schema/request-invalid.js'

/** @throws EngineError 'request-invalid' where a soft prompt was trained, which a file of this format has no place for */
export function refusePrompt(changes: ModelChanges, format: string): void {
  if ((changes.prompt?.() ?? null) === null) return
  const issue = `this run trained a soft prompt, vectors before every text, and ${format} has no place for them: export as 'adapter', which Zerotune puts over the base model, or train another recipe`
  throw requestInvalid(issue)
}
