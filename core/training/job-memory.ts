import type { OpenModel } from '../engine/open-model.js'
import { planMemory } from '../memory/plan.js'
import type { TrainJob } from '../schema/job.js'
import type { MemoryPlan } from '../schema/memory-plan.js'
import { hasOwnMemory, processorLayersOf, type DeviceLayerChoices } from './device-layers.js'
import type { RunData } from './open-data.js'
import { promptLength, rowDemand, type RowDemand } from './row-demand.js'
import { mostStreamedLayers } from './streamed-layers.js'
import { trainedSize, type TrainedSize } from './trained-size.js'

/** What a job will hold at its peak. */
export function memoryOf(
  { recipe, tokensPerRun, keptStates, streamedLayers, batchSize, precision, ...on }: TrainJob,
  { model }: OpenModel,
  trained: TrainedSize,
  { scoredShare, dataTokens, dataRows, ...rows }: RowDemand,
): MemoryPlan {
  const before = promptLength(recipe)
  const longestSequence = rows.longestSequence + before
  const largestExample = rows.largestExample + before * rows.rowsPerExample
  const { estimator, firstLayer } = recipe
  const copies = estimator === 'probes' ? 2 : 1
  const tokens = Math.max(tokensPerRun, copies * largestExample)
  const ofBatch = Math.min(tokens, batchSize * largestExample)
  const processorLayers = hasOwnMemory(on.device) ? on.processorLayers : null
  const changed = mostStreamedLayers(recipe, model.description.layerCount)
  return planMemory(model, {
    ...{ estimator, firstLayer, keptStates, processorLayers, dataTokens, dataRows, precision },
    isKept: (layer) =>
      layer >= streamedLayers && (layer >= changed || processorLayers === null || layer < processorLayers),
    stateBytes: trained.bytes,
    savedBytes: trained.savedBytes,
    forward: { tokens, longestSequence },
    backward: estimator === 'gradients' ? { tokens: ofBatch, longestSequence } : null,
    scoredTokens: Math.ceil(tokens * scoredShare),
  })
}

/** What of its rows and its recipe decides the memory of a job. */
export interface JobDemand {
  readonly trained: TrainedSize
  readonly rows: RowDemand
}

/**
 * A job with as few layers on the processor, beside its device, as the choices ask for. Throws as `processorLayersOf`.
 *
 * @param demandOf asked for once, and only where a device's memory is limited, since it looks at every row
 */
export function withDeviceLayers(
  job: TrainJob,
  choices: DeviceLayerChoices,
  model: OpenModel,
  data: RunData,
  demandOf = (): JobDemand => ({
    trained: trainedSize(job.recipe, model.model, job.batchSize),
    rows: rowDemand(data),
  }),
): TrainJob {
  let demand: JobDemand | null = null
  const { layerCount } = model.model.description
  const processorLayers = processorLayersOf(choices, job.device, layerCount, (count) => {
    demand ??= demandOf()
    return memoryOf({ ...job, processorLayers: count }, model, demand.trained, demand.rows).deviceBytes ?? 0
  })
  return { ...job, processorLayers }
}
