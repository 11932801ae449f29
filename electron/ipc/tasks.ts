import { z } from 'zod'
import { count, nothing, taskId } from './names.js'

/** What a long task is doing; the renderer has a sentence for each. */
export const taskPhase = z.enum([
  'looking-for-models',
  'asking-the-hub',
  'reading-header',
  'hashing',
  'loading-model',
  'reading-rows',
  'making-tokens',
  'planning',
  'probing-layers',
  'measuring-steps',
  'replaying-steps',
  'evaluating-base',
  'evaluating-adapted',
  'generating',
  'writing',
  'reading-back',
  'proving',
  'writing-card',
  'importing',
])

/** How far a long task is. */
export const taskProgress = z.strictObject({
  taskId,
  phase: taskPhase,
  done: count,
  /** Null where it cannot be known. */
  total: count.nullable(),
  unit: z.enum(['bytes', 'rows', 'steps', 'tokens', 'files', 'tensors']),
})

export const taskRequests = {
  /** Asks a task to stop; its own request then fails with 'cancelled'. Does nothing where the task is over. */
  'task.cancel': { answeredBy: 'engine', input: z.strictObject({ taskId }), output: nothing },
} as const

export const taskEvents = { 'task.progress': taskProgress } as const

export type TaskPhase = z.infer<typeof taskPhase>
export type TaskProgress = z.infer<typeof taskProgress>
