import { readTask } from '../data/read-task.js'
import { findTask } from '../hub/named-task.js'
import { requestInvalid } from '../schema/request-invalid.js'
import { parseTask, type Task } from '../schema/task.js'
import { isRunFolder, readJob, runFolder } from '../training/run-folder.js'

/** Flags that say what to learn from a row. */
export interface TaskOptions {
  readonly task?: string
  readonly prompt?: string
  readonly labelColumn?: string
  readonly labels?: string
  readonly answer?: string
  readonly chosen?: string
  readonly rejected?: string
  readonly beta?: number
  readonly text?: string
  readonly messages?: string
  readonly jinja?: boolean
  readonly chat?: boolean
  readonly system?: string
  readonly shots?: number
  readonly target?: string
}

/**
 * The task that the flags describe; null where there are none.
 *
 * @throws EngineError 'request-invalid' where they contradict each other
 */
export function taskFromOptions(options: TaskOptions): Task | null {
  const { task, prompt, labelColumn, labels, answer, chosen, rejected, beta, text, messages, target } =
    options
  const flags = { prompt, labelColumn, labels, answer, chosen, rejected, beta, text, messages, target }
  const around = framingOf(options)
  const given = Object.entries(flags)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name)
  if (task !== undefined) {
    const others = [...given, ...Object.keys(around)]
    if (others.length > 0)
      throw requestInvalid('--task describes the whole task; leave out the other task flags')
    return isRunFolder(task) ? readJob(runFolder(task)).task : readTask(findTask(task))
  }
  if (given.length === 0) return null
  if (text !== undefined) return only(given, ['text'], { kind: 'text', text, ...around })
  if (messages !== undefined) return only(given, ['messages'], { kind: 'chat', messages, ...around })
  if (target !== undefined) return only(given, ['target'], { kind: 'tensors', target, ...around })
  if (prompt === undefined) throw requestInvalid(`--prompt is missing beside ${given.map(flagOf).join(', ')}`)
  if (answer !== undefined) {
    return only(given, ['prompt', 'answer'], { kind: 'answer', prompt, answer, ...around })
  }
  if (chosen !== undefined || rejected !== undefined || beta !== undefined) {
    if (chosen === undefined)
      throw requestInvalid('--chosen is missing: pairs are --prompt, --chosen and --rejected')
    if (rejected === undefined) throw requestInvalid('--rejected is missing beside --chosen')
    const pairs = {
      kind: 'preference',
      prompt,
      chosen,
      rejected,
      ...(beta !== undefined && { beta }),
      ...around,
    }
    return only(given, ['prompt', 'chosen', 'rejected', 'beta'], pairs)
  }
  return parseTask(
    {
      kind: 'labels',
      prompt,
      ...(labelColumn !== undefined && { labelColumn }),
      ...(labels !== undefined && { labels: parseLabels(labels) }),
      ...around,
    },
    'the command line',
  )
}

/** What stands around the prompts, and how templates are written. */
function framingOf({ jinja, chat, system, shots }: TaskOptions): Readonly<Record<string, unknown>> {
  return {
    ...(jinja === true && { syntax: 'jinja' }),
    ...(chat === true && { chat: true }),
    ...(system !== undefined && { system }),
    ...(shots !== undefined && { shots: { count: shots } }),
  }
}

function only(given: readonly string[], allowed: readonly string[], task: unknown): Task {
  const extra = given.filter((name) => !allowed.includes(name))
  if (extra.length === 0) return parseTask(task, 'the command line')
  throw requestInvalid(
    `${extra.map(flagOf).join(', ')} cannot stand beside ${allowed.map(flagOf).join(' and ')}`,
  )
}

function parseLabels(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw requestInvalid(`--labels should be JSON such as {"0":" terrible","1":" great"}; found ${text}`)
  }
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
