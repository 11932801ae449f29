import { answerMetricNames } from '../evaluation/judge-answers.js'
import { requestInvalid } from '../schema/request-invalid.js'
import type { Task } from '../schema/task.js'
import { hasOptions, type Protocol } from './protocol.js'

/** Measures that can be asked for beside those of every report. */
export const metricNames = ['macro-f1', 'confusion', 'choice', ...answerMetricNames] as const
export type MetricName = (typeof metricNames)[number]

const labelMetrics: readonly MetricName[] = ['macro-f1', 'confusion']

/**
 * The measures of a task: those that were asked for, or else those that the protocol has; of labels, macro F1.
 *
 * @throws EngineError 'request-invalid' for a measure that the task does not have
 */
export function metricsFor(
  task: Task,
  asked: readonly MetricName[] | undefined,
  protocol: Protocol | undefined,
): readonly MetricName[] {
  const possible = possibleMetrics(task)
  const wrong = asked?.find((name) => !possible.includes(name))
  if (wrong !== undefined) {
    const list = possible.length === 0 ? 'none' : possible.join(', ')
    const issue = `'${wrong}' is no measure of this task; it has ${list} beside the report`
    throw requestInvalid(issue)
  }
  if (asked !== undefined) return asked
  if (task.kind === 'labels') return ['macro-f1']
  if (hasOptions(task)) return ['choice']
  return protocol === 'mezo' && task.kind === 'answer' ? ['exact-match', 'token-f1'] : []
}

function possibleMetrics(task: Task): readonly MetricName[] {
  if (task.kind === 'labels') return labelMetrics
  if (task.kind !== 'answer') return []
  return hasOptions(task) ? ['choice', ...answerMetricNames] : answerMetricNames
}
