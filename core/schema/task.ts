import { z } from 'zod'
import { EngineError } from './engine-error.js'
import { requestIssue } from './request-issues.js'

/** Version of the task that this program writes and reads. */
export const taskVersion = 1

const version = z.literal(taskVersion).default(taskVersion)
const template = z.string().min(1)
const column = z.string().min(1)

/** How the templates of a task are written. */
const writing = {
  /** `columns` (the default) names columns in braces: `{sentence} It was`. `jinja` is the language of chat templates. */
  syntax: z.enum(['columns', 'jinja']).optional(),
}

/** What stands around a prompt. */
const framing = {
  ...writing,
  /** Puts the prompt as a message of a conversation, in the model's own chat template. */
  chat: z.boolean().optional(),
  /** Of the system message of that conversation. */
  system: template.optional(),
}

/** Rows of the training file, with their answers, in front of every prompt; they are not trained on. */
const shots = z.strictObject({
  count: z.int().min(1).max(64),
  /** Decides which rows. */
  seed: z.int().min(0).max(0xffffffff).default(42),
})

/** What to learn from a row of text. */
export const textTask = z.discriminatedUnion('kind', [
  /** Choose one of a fixed set of labels after the prompt. */
  z.strictObject({
    version,
    kind: z.literal('labels'),
    prompt: template,
    ...framing,
    shots: shots.optional(),
    /** Found in the file where it is left out. */
    labelColumn: column.optional(),
    /** From what the file writes to the text that the model reads; ` ` and the file's value where it is left out. */
    labels: z
      .record(z.string().min(1), z.string().min(1))
      .refine((labels) => Object.keys(labels).length >= 2, 'expected at least two labels')
      .optional(),
    /** Other spellings of labels in the file: from what it writes to the name of the label. */
    aliases: z.record(z.string().min(1), z.string().min(1)).optional(),
  }),
  /** Write the answer after the prompt, then stop. */
  z.strictObject({
    version,
    kind: z.literal('answer'),
    prompt: template,
    answer: template,
    ...framing,
    shots: shots.optional(),
    /** Other answers that count as right when what the model writes is judged; one a line. */
    accepted: template.optional(),
    /** Answers to choose from, one a line: an evaluation then takes the one of the highest mean log-probability. */
    options: template.optional(),
  }),
  /** Hold one answer likelier than another after the same prompt, each more so than the base does. */
  z.strictObject({
    version,
    kind: z.literal('preference'),
    prompt: template,
    chosen: template,
    rejected: template,
    ...framing,
    /** How little the model may leave the base: with more, less. β of DPO. */
    beta: z.number().positive().default(0.1),
  }),
  /** Continue running text. */
  z.strictObject({ version, kind: z.literal('text'), text: template, ...writing }),
  /** Write the assistant's turns of a conversation, in the model's own template. */
  z.strictObject({
    version,
    kind: z.literal('chat'),
    messages: column.default('messages'),
    /** The system message of conversations that have none of their own. */
    system: z.string().min(1).optional(),
  }),
])

/** Give the tensor that a row has for what a graph is to make of the row's others: least mean squared error. */
const tensorTask = z.strictObject({
  version,
  kind: z.literal('tensors'),
  /** The graph's output that rows have as it should be; its only one where it is left out. */
  target: z.string().min(1).optional(),
})

/** What to learn from a row of a data file. */
export const task = z.discriminatedUnion('kind', [...textTask.options, tensorTask])

export type Task = z.infer<typeof task>
export type TextTask = z.infer<typeof textTask>
export type TensorTask = z.infer<typeof tensorTask>
export type LabelsTask = Extract<Task, { kind: 'labels' }>
/** How the templates of a task are written. */
export type TemplateSyntax = 'columns' | 'jinja'

/** True where prompts are put as messages, in the model's own template. */
export function isConversation(task: Task): boolean {
  return task.kind === 'chat' || ('chat' in task && task.chat === true)
}

/**
 * Checks a task from a file or a command line.
 *
 * @param path where it came from, for messages
 * @throws version-newer, request-invalid
 */
export function parseTask(value: unknown, path: string): Task {
  const found = z.object({ version: z.number() }).safeParse(value)
  if (found.success && found.data.version > taskVersion) {
    throw new EngineError(
      'version-newer',
      { path, found: found.data.version, supported: taskVersion },
      `${path} is a task of version ${found.data.version}; this program reads up to version ${taskVersion}`,
    )
  }
  const parsed = task.safeParse(value)
  if (parsed.success) return parsed.data
  const issues = parsed.error.issues.map(({ path: field, message }) =>
    field.length > 0 ? `${field.join('.')}: ${message}` : message,
  )
  throw new EngineError('request-invalid', { issues }, `${path} is not a task: ${issues.join('; ')}`)
}

/** A task whose rows are text. @throws request-invalid for rows of tensors */
export function requireText(given: Task): TextTask {
  if (given.kind === 'tensors') throw requestIssue('tensors-without-graph')
  return given
}
