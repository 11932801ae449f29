import { tmpdir } from 'node:os'
import type { Command } from 'commander'
import { measureReadRate } from '../memory/measure-read-rate.js'
import { openModelFile } from '../model/open-model-file.js'
import type { TrainJob } from '../schema/job.js'
import type { MemoryItemName, MemoryPlan } from '../schema/memory-plan.js'
import { planAnyWays } from '../training/plan-any.js'
import type { PlanWay, WayKind } from '../training/plan-ways.js'
import { formatBytes, formatDuration } from './format.js'
import { guessLines } from './guessed-task.js'
import { Output, type OutputOptions } from './output.js'
import { withQuantizedBriefly } from './quantize-first.js'
import { withOutputOptions } from './shared-options.js'
import { openTraining, withTrainingOptions, type TrainingOptions } from './training-options.js'

interface PlanOptions extends TrainingOptions, OutputOptions {}

/** `zerotune plan`. */
export function addPlanCommand(program: Command): void {
  const command = program
    .command('plan')
    .description('say what a training run would hold, and what fits, without running it')
  withOutputOptions(withTrainingOptions(command)).action(async (path: string, options: PlanOptions) => {
    const output = new Output(options)
    await withQuantizedBriefly(path, options, output, (opened) => showPlan(opened, options, output))
  })
}

async function showPlan(path: string, options: PlanOptions, output: Output): Promise<void> {
  const { model, data, choices, guess } = await openTraining(path, options, {
    scratchFolder: tmpdir(),
    runs: [],
  })
  const ways = planAnyWays(choices, model, data)
  const chosen = ways.find(({ fits }) => fits) ?? null
  const readBytesPerSecond = readRate(path, ways)
  model.model.close()
  for (const line of guess === null ? [] : guessLines(guess)) output.say(line)
  output.result(
    {
      budgetBytes: choices.budgetBytes,
      fits: chosen !== null,
      chosen: chosen?.kind ?? null,
      readBytesPerSecond,
      ways: ways.map(wayAsData),
    },
    [
      ...itemLines(chosen ?? ways[0], choices.budgetBytes),
      'ways, in order of what they cost:',
      ...ways.map((way) => wayLine(way, way === chosen, readBytesPerSecond)),
      ...(chosen === null
        ? ['nothing fits: raise --budget, leave out the longest rows, or take a smaller model']
        : []),
    ],
  )
}

/** Null where no way reads layers again. */
function readRate(path: string, ways: readonly PlanWay[]): number | null {
  if (ways.every(({ readBytesPerStep }) => readBytesPerStep === 0)) return null
  const { source } = openModelFile(path)
  try {
    return measureReadRate(source, () => performance.now())
  } finally {
    source.close()
  }
}

function wayAsData({ kind, job, memory, fits, readBytesPerStep }: PlanWay): object {
  const { recipe, tokensPerRun, streamedLayers, processorLayers, features } = job
  const { name, firstLayer, endLayer } = recipe
  return {
    kind,
    recipe: name,
    layers: [firstLayer, endLayer - 1],
    ...{ tokensPerRun, streamedLayers, processorLayers, features, fits, readBytesPerStep },
    ...memory,
  }
}

const itemWords: Readonly<Record<MemoryItemName, string>> = {
  program: 'program and runtime',
  weights: 'weights, as in the file',
  'streamed-layer': 'layer being read',
  embedding: 'output matrix',
  'trained-numbers': 'trained numbers and their states',
  'kept-states': 'states kept between passes',
  activations: 'activations of one block',
  head: 'head and losses',
  rows: 'rows',
}

function itemLines({ job, memory, fits }: PlanWay, budgetBytes: number): string[] {
  const { name, firstLayer, endLayer } = job.recipe
  const verdict = fits ? 'fits' : 'does not fit'
  return [
    `${name}, layers ${firstLayer}-${endLayer - 1}: ${formatBytes(memory.totalBytes)} ${verdict} ${formatBytes(budgetBytes)}`,
    ...memory.items
      .filter(({ bytes }) => bytes > 0)
      .map(({ name: item, bytes }) => sizeLine(itemWords[item], bytes)),
    ...deviceLines(job, memory),
  ]
}

/** What lies in the memory of a device, and what runs there. */
function deviceLines({ device, processorLayers }: TrainJob, { deviceBytes }: MemoryPlan): string[] {
  if (deviceBytes === undefined) return []
  const lower = processorLayers === 0 ? '' : `; layers 0-${processorLayers - 1} on the processor`
  return [
    `beside that, in the memory of ${device}${lower}:`,
    sizeLine('weights, activations and head', deviceBytes),
  ]
}

function sizeLine(words: string, bytes: number): string {
  return `  ${words.padEnd(34)}${formatBytes(bytes).padStart(8)}`
}

const keptWords: Readonly<Record<TrainJob['keptStates'], string>> = {
  float32: '',
  int16: ', states kept in 16 bits',
  int8: ', states kept in 8 bits',
  file: ', states kept in a file',
}

const wayWords: Readonly<Record<WayKind, (way: PlanWay) => string>> = {
  'as-asked': () => 'as asked',
  'shorter-runs': ({ job }) => `runs of ${job.tokensPerRun} tokens${keptWords[job.keptStates]}`,
  'streamed-layers': ({ job }) => `layers 0-${job.streamedLayers - 1} read from the file each time`,
  'fewer-layers': ({ job }) => `train layers ${job.recipe.firstLayer}-${job.recipe.endLayer - 1} only`,
  'forward-only': ({ job }) => `forward passes only (${job.recipe.name})`,
}

function wayLine(way: PlanWay, isChosen: boolean, rate: number | null): string {
  const size = formatBytes(way.memory.totalBytes).padStart(8)
  const verdict = isChosen ? 'this one' : way.fits ? 'fits' : 'too much'
  const { readBytesPerStep: bytes } = way
  const cost =
    bytes === 0 || rate === null
      ? ''
      : `, reads ${formatBytes(bytes)} a step (${formatDuration((1000 * bytes) / rate)} at ${formatBytes(rate)}/s)`
  return `  ${wayWords[way.kind](way).padEnd(48)}${size}  ${verdict}${cost}`
}
