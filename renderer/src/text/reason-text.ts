import { readDeviceProblem, type DeviceProblemCode } from '../../../core/schema/device-problems.js'
import { readModelProblem, type ModelProblemCode } from '../../../core/schema/model-problems.js'
import { readRequestIssue, type RequestIssueCode } from '../../../core/schema/request-issues.js'
import type { SentenceValues } from '../../../core/schema/sentences.js'
import { fileName } from './file-name.js'
import type { Format } from './format.js'
import type { MessageKey } from './message-key.js'
import { rowProblemText } from './row-problem-text.js'
import type { Translate } from './use-text.js'

/** Words for what the engine says about models, devices and settings: a new code does not compile until each language has them. */
export type ModelProblemSentences = Readonly<Record<ModelProblemCode, string>>
export type DeviceProblemSentences = Readonly<Record<DeviceProblemCode, string>>
export type RequestIssueSentences = Readonly<Record<RequestIssueCode, string>>

/**
 * Why something cannot be, in the person's language; as it is where a template, a driver, the runtime or the system says it.
 */
export function reasonText(text: string, t: Translate, format: Format): string {
  const model = readModelProblem(text)
  if (model !== null) return t(`modelProblems.${model.code}`, shown(model.values, t, format))
  const device = readDeviceProblem(text)
  if (device !== null) return t(`deviceProblems.${device.code}`, shown(device.values, t, format))
  const issue = readRequestIssue(text)
  if (issue !== null) return t(`requestIssues.${issue.code}`, shown(issue.values, t, format))
  return rowProblemText(text, t, format) ?? text
}

/** Layers count from 1 for people. */
const layers: ReadonlySet<string> = new Set(['first', 'last', 'top'])
const counts: ReadonlySet<string> = new Set(['count', 'total', 'end', 'at'])
/** Places that hold a name of the app's own settings, and where its words are. */
const named: Readonly<Record<string, string>> = {
  recipe: 'training.recipe.names',
  earlier: 'training.recipe.names',
  optimizer: 'training.advanced.optimizer',
}

function shown(values: SentenceValues, t: Translate, format: Format): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, shownValue(name, String(value), t, format)]),
  )
}

function shownValue(name: string, value: string, t: Translate, format: Format): string {
  if (layers.has(name)) return format.count(Number(value) + 1)
  if (counts.has(name)) return format.count(Number(value))
  if (name === 'file') return fileName(value)
  const words = named[name]
  return words === undefined ? value : t(`${words}.${value}` as MessageKey)
}
