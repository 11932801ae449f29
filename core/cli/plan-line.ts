import type { RunPlan } from '../training/plan-run.js'
import { formatBytes } from './format.js'

/** What was planned and why, in a sentence. */
export function planLine({ job, memory, reason }: RunPlan): string {
  const { name, firstLayer, endLayer } = job.recipe
  const layers = `layers ${firstLayer}-${endLayer - 1}`
  const budget = job.budgetBytes === null ? '' : ` of ${formatBytes(job.budgetBytes)}`
  const why = {
    'chosen-by-person': () => 'as asked',
    'exact-fits': () => 'exact gradients fit the budget',
    'exact-too-large': (bytes: number) =>
      `exact gradients would need ${formatBytes(bytes)}, so forward passes only`,
    'asks-for-probes': () => 'a probe size was given, so forward passes only',
  }[reason.kind]('exactBytes' in reason ? reason.exactBytes : 0)
  return `recipe ${name}, ${layers}: ${why}; about ${formatBytes(memory.totalBytes)}${budget}`
}
