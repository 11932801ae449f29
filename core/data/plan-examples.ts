import { isConversation, type TextTask } from '../schema/task.js'
import { answerExamples } from './answer-examples.js'
import { chatExamples } from './chat-examples.js'
import type { Objective } from './example.js'
import type { ExampleContext, ExampleMaker } from './example-context.js'
import { labelExamples } from './label-examples.js'
import { labelOptions, refuseAmbiguousLabels } from './label-options.js'
import { pairExamples } from './pair-examples.js'
import { promptFrame, type ChatEncoder, type PromptFrame, type Shot } from './prompt-frame.js'
import { resolveLabels, type LabelSource, type ResolvedLabelsTask } from './resolve-labels.js'
import { textExamples } from './text-examples.js'
import { characterTokenizer } from './tokenizer/character-tokenizer.js'
import type { Tokenizer } from './tokenizer/tokenizer.js'
import { requestIssue } from '../schema/request-issues.js'

/** A task with the model that it is for. */
export interface TaskForModel {
  readonly task: TextTask
  readonly tokenizer: Tokenizer
  /** The model's chat template; needed for a chat task, and for prompts that are put as messages. */
  readonly chat?: ChatEncoder
  /** Rows with their answers in front of every prompt. */
  readonly shots?: readonly Shot[]
}

/** How the examples of a file are made. */
export interface ExamplePlan {
  /** With everything filled in that was found in the file. */
  readonly task: TextTask
  readonly objective: Objective
  readonly make: ExampleMaker
}

/** @throws request-invalid, data-invalid, data-insufficient where the file and the task do not go together */
export function planExamples(
  { task, tokenizer, chat }: TaskForModel,
  source: LabelSource,
  context: ExampleContext,
): ExamplePlan {
  switch (task.kind) {
    case 'labels':
      return planLabels(resolveLabels(task, source), tokenizer, context)
    case 'answer':
      return { task, objective: { kind: 'answer' }, make: answerExamples(task, context) }
    case 'preference':
      return { task, objective: { kind: 'preference', beta: task.beta }, make: pairExamples(task, context) }
    case 'text':
      return { task, objective: { kind: 'text' }, make: textExamples(task, context) }
    case 'chat': {
      if (!chat) throw requestIssue('messages-without-template')
      return { task, objective: { kind: 'answer' }, make: chatExamples(task, chat, context) }
    }
  }
}

/** The examples of a labels task in which nothing is left to find out. @throws request-invalid */
export function planLabels(
  task: ResolvedLabelsTask,
  tokenizer: Tokenizer,
  context: ExampleContext,
): ExamplePlan {
  const options = labelOptions(spokenLabels(task), tokenizer)
  // Which tokens a model has for them is not known from their characters.
  if (tokenizer !== characterTokenizer) refuseAmbiguousLabels(options)
  return { task, objective: { kind: 'labels', options }, make: labelExamples(task, options, context) }
}

/** What stands around prompts; running text and whole conversations stand for themselves. */
export function frameOf({ task, tokenizer, chat, shots = [] }: TaskForModel): PromptFrame {
  const usesChat = task.kind !== 'chat' && isConversation(task)
  return promptFrame({ tokenizer, chat: chat ?? null, usesChat, shots })
}

/** In a conversation an answer stands alone, without the space that parts it from a prompt. */
function spokenLabels({ labels, chat }: ResolvedLabelsTask): Readonly<Record<string, string>> {
  if (chat !== true) return labels
  return Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, text.trim()]))
}
