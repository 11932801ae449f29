import type { TextTask } from '../../schema/task.js'

/** A task that a file suggests. */
export interface TaskGuess {
  readonly task: TextTask
  readonly reason: GuessReason
}

/** Why a task was guessed. */
export type GuessReason =
  /** An earlier run was trained on rows with these columns. */
  | { readonly code: 'same-columns'; readonly run: string }
  /** Conversations in OpenAI's spelling, or in that of ShareGPT. */
  | { readonly code: 'messages-column'; readonly column: string }
  /** Two answers to one prompt; the better one is trained on. */
  | { readonly code: 'better-answer'; readonly chosen: string; readonly rejected: string }
  /** Alpaca's columns. */
  | { readonly code: 'instruction-and-answer'; readonly prompt: string; readonly answer: string }
  | {
      readonly code: 'question-and-context'
      readonly prompt: string
      readonly context: string
      readonly answer: string
    }
  | { readonly code: 'prompt-and-answer'; readonly prompt: string; readonly answer: string }
  /** A column that is called as labels are. */
  | { readonly code: 'label-name'; readonly column: string; readonly distinctCount: number }
  | {
      readonly code: 'few-distinct-values'
      readonly column: string
      readonly distinctCount: number
      readonly rowCount: number
    }
  | { readonly code: 'two-text-columns'; readonly prompt: string; readonly answer: string }
  | { readonly code: 'one-text-column'; readonly column: string }

/** A reason as a sentence. */
export function reasonSentence(reason: GuessReason): string {
  switch (reason.code) {
    case 'same-columns':
      return `run '${reason.run}' was trained on rows with the same columns, so its task is used again`
    case 'messages-column':
      return `'${reason.column}' holds conversations, so the assistant's turns are learned`
    case 'better-answer':
      return `'${reason.chosen}' is the better and '${reason.rejected}' the worse of two answers; the better one is learned`
    case 'instruction-and-answer':
      return `'${reason.prompt}' and '${reason.answer}' are called as instructions and their answers are (Alpaca)`
    case 'question-and-context':
      return `'${reason.prompt}' asks about '${reason.context}', and '${reason.answer}' answers`
    case 'prompt-and-answer':
      return `'${reason.prompt}' and '${reason.answer}' are called as prompts and answers are`
    case 'label-name':
      return `'${reason.column}' is called as labels are and has ${reason.distinctCount} different values`
    case 'few-distinct-values':
      return `'${reason.column}' has only ${reason.distinctCount} different values in ${reason.rowCount} rows, as labels do`
    case 'two-text-columns':
      return `'${reason.prompt}' and '${reason.answer}' are the only columns with text, so the second is learned from the first`
    case 'one-text-column':
      return `'${reason.column}' is the text that the rows have, so it is learned as it is`
  }
}
