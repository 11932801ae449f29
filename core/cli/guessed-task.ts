import { describeData } from '../data/describe-data.js'
import { reasonSentence, type TaskGuess } from '../data/guess/guess-reason.js'
import { EngineError } from '../schema/engine-error.js'
import { earlierTask, type NamedRun } from '../training/earlier-task.js'

/** Rows that show what a file is; labels come again in fewer. */
const lookedAt = 20_000

/**
 * The task of an earlier run whose rows had the same columns, or else the one that the first rows of a file suggest.
 *
 * @param hasChat the model has a chat template
 * @param runs earlier ones
 * @throws EngineError 'request-invalid' where nothing suggests itself, and those of the readers
 */
export function guessedTask(path: string, hasChat: boolean, runs: readonly NamedRun[] = []): TaskGuess {
  const describing = describeData(path, { limit: lookedAt, hasChat })
  let next = describing.next()
  while (next.done !== true) next = describing.next()
  const { guess, columns } = next.value
  const earlier = earlierTask(
    runs,
    columns.map(({ name }) => name),
  )
  if (earlier !== null) return earlier
  if (guess !== null) return guess
  const names = columns.map(({ name }) => `'${name}'`).join(', ')
  const issue =
    `${path}: nothing suggests what to learn from the columns ${names}; say it: --prompt '{column} ...' for labels, ` +
    'with --answer for answers or --chosen and --rejected for pairs, --text, --messages, or --task FILE.json'
  throw new EngineError('request-invalid', { issues: ['task'] }, issue)
}

/** What was guessed and why, and how to say it otherwise, as lines for people. */
export function guessLines({ task, reason }: TaskGuess): string[] {
  return [
    `what to learn: ${reasonSentence(reason)}`,
    `  ${JSON.stringify(task)}`,
    '  to learn something else: --prompt, --answer, --text and so on, or --task FILE.json with a task as above',
  ]
}
