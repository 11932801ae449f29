import {
  evaluatedSteps,
  isConversation,
  readJob,
  readMetrics,
  runFolder,
  stepsTaken,
} from '../../../core/index.js'
import type { Handlers } from '../../ipc/contract.js'
import type { ComparedRow } from '../../ipc/comparison.js'
import { answerAs } from '../chats.js'
import { promptText } from '../compared-rows.js'
import type { Comparisons } from '../comparisons.js'
import type { EngineContext } from '../context.js'
import { bestEvaluation } from '../evaluation-points.js'
import type { OpenedRuns } from '../opened-runs.js'
import type { RunFolders } from '../run-records.js'

type ComparisonHandlers = Pick<
  Handlers<'engine'>,
  'compare.steps' | 'compare.evaluate' | 'compare.rows' | 'chat.describe' | 'chat.generate' | 'chat.stop'
>

export interface ComparisonParts {
  readonly folders: RunFolders
  readonly runs: OpenedRuns
  readonly comparisons: Comparisons
}

/** Before and after: figures, rows, and side by side. */
export function comparisonHandlers(
  context: EngineContext,
  { folders, runs, comparisons }: ComparisonParts,
): ComparisonHandlers {
  const { tasks } = context
  const stops = new Map<string, AbortController>()
  return {
    'compare.steps': ({ runId }) => {
      const folder = runFolder(folders.find(runId))
      const bestStep = bestEvaluation(readMetrics(folder))?.step ?? null
      const isReplayed = readJob(folder).recipe.estimator === 'probes'
      const kept = new Set([0, ...evaluatedSteps(folder), ...(bestStep === null ? [] : [bestStep])])
      const steps = isReplayed ? 'any' : [...kept].toSorted((left, right) => left - right)
      return { lastStep: stepsTaken(folder), bestStep, steps }
    },
    'compare.evaluate': ({ taskId, runId, step }) =>
      tasks.run(taskId, async (task) => (await comparisons.compare(runId, step, task)).comparison),
    'compare.rows': ({ runId, step, only, offset, count }) => {
      const rows = comparisons.rows(runId, step).filter((row) => isWanted(row, only))
      return { offset, total: rows.length, rows: rows.slice(offset, offset + count) }
    },
    'chat.describe': async ({ runId }) => {
      const run = await runs.open(runId, 0)
      const { model, tokenizer, chat } = run.model
      const [example] = (await runs.data(runId, run)).dev.dataset.examples
      return {
        hasTemplate: chat !== null,
        prefersChat: isConversation(run.job.task),
        examplePrompt: example === undefined ? '' : promptText(example, tokenizer),
        contextLength: model.description.contextLength,
      }
    },
    'chat.generate': async (request) => {
      // Before anything is waited for: a stop that comes at once must find it.
      const stopping = new AbortController()
      stops.set(request.taskId, stopping)
      try {
        return await tasks.run(request.taskId, async (task) => {
          const run = await runs.open(request.runId, request.step, task)
          const base = await answerAs('base', run, request, context, task, stopping.signal)
          const adapted = await answerAs('adapted', run, request, context, task, stopping.signal)
          return { base, adapted }
        })
      } finally {
        stops.delete(request.taskId)
      }
    },
    'chat.stop': ({ taskId }) => {
      stops.get(taskId)?.abort()
      return null
    },
  }
}

function isWanted({ change }: ComparedRow, only: 'all' | 'changed' | ComparedRow['change']): boolean {
  if (only === 'all') return true
  return only === 'changed' ? change === 'fixed' || change === 'broken' : change === only
}
