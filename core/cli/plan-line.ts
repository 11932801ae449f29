import type { GraphPlanReason } from '../training/plan-graph.js'
import type { RunPlan } from '../training/plan-run.js'
import { formatBytes } from './format.js'

/** What was planned and why, in a sentence. */
export function planLine({ job, memory, reason }: RunPlan<GraphPlanReason>): string {
  const { name, firstLayer, endLayer } = job.recipe
  const layers = `layers ${firstLayer}-${endLayer - 1}`
  const budget = job.budgetBytes === null ? '' : ` of ${formatBytes(job.budgetBytes)}`
  const why = {
    'chosen-by-person': () => 'as asked',
    'exact-fits': () => 'exact gradients fit the budget',
    'exact-on-upper-layers': (bytes: number) =>
      `exact gradients on all layers would need ${formatBytes(bytes)}, so on the upper ones`,
    'exact-too-large': (bytes: number) =>
      `exact gradients would need ${formatBytes(bytes)}, so forward passes only`,
    'runs-by-graph': () => 'its own graph has no backward pass, so forward passes only',
    'asks-for-probes': () => 'what was asked for has no exact gradient, so forward passes only',
  }[reason.kind]('exactBytes' in reason ? reason.exactBytes : 0)
  const kept = {
    float32: '',
    int16: ', states kept in 16 bits',
    int8: ', states kept in 8 bits',
    file: ', states kept in a file',
  }[job.keptStates]
  const streamed =
    job.streamedLayers === 0 ? '' : `, ${job.streamedLayers} layers read from the file each time`
  const lower = job.processorLayers === 0 ? '' : `, layers 0-${job.processorLayers - 1} on the processor`
  const halves = job.precision === 'float16' ? ', products in half floats' : ''
  return `recipe ${name}, ${layers}: ${why}${kept}${streamed}${lower}${halves}; about ${formatBytes(memory.totalBytes)}${budget}`
}

/** Where a run begins that goes on from another, or at what quantization lost. */
export function startLine(start: NonNullable<RunPlan['job']['start']>): string {
  if ('original' in start) return `branches begin at what quantization lost of ${start.original}`
  if ('lora' in start) return `branches begin as those of ${start.lora}`
  const { recipe, step, largestRounding } = start
  const rounding =
    largestRounding === 0 ? 'exactly' : `each factor to within ${(100 * largestRounding).toPrecision(2)} %`
  return `begins at step ${step} of the earlier run with ${recipe}, carried over ${rounding}`
}
