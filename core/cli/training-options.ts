import { totalmem } from 'node:os'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { isGraphModel } from '../engine/graph-model.js'
import { openAnyModel, type AnyOpenModel } from '../engine/open-graph-model.js'
import { defaultBudgetBytes } from '../memory/default-budget.js'
import type { TaskGuess } from '../data/guess/guess-reason.js'
import type { LinearName } from '../model/description.js'
import type { Device } from '../runtime/device.js'
import { featureFormat } from '../schema/feature-format.js'
import type { TrainJob } from '../schema/job.js'
import type { RecipeName } from '../schema/recipe.js'
import { requestIssue } from '../schema/request-issues.js'
import type { Task } from '../schema/task.js'
import type { NamedRun } from '../training/earlier-task.js'
import { openRunData, type RunData } from '../training/open-data.js'
import type { RunChoices } from '../training/plan-run.js'
import { recipeTemplates } from '../training/recipe-templates.js'
import { taskOfGraph } from '../training/task-of-graph.js'
import { deviceFor, withDeviceOptions, type DeviceOptions } from './device.js'
import { dataPath, dataRequest, earlierJob, namedTask, type DataOptions } from './earlier-run.js'
import { guessedTask } from './guessed-task.js'
import { modelHashes } from './model-hashes.js'
import { codeBits, integer, layerRange, linears, memorySize, positiveNumber, share } from './option-values.js'
import { protocols } from './protocol.js'
import { precisionOf, withPrecisionOption, type PrecisionOptions } from './precision.js'
import { probeChoices, withProbeOptions, type ProbeOptions } from './probe-options.js'
import { withQuantizeOptions, type QuantizeOptions } from './quantizer-options.js'
import { withRowOptions } from './row-options.js'
import { scoreChoice, withScoreOptions, type ScoreOptions } from './score-options.js'
import { withTaskOptions } from './shared-options.js'
import { updateChoices, withUpdateOptions, type UpdateOptions } from './update-options.js'

/** What is to be trained, and how. */
export interface TrainingOptions
  extends
    DataOptions,
    DeviceOptions,
    PrecisionOptions,
    UpdateOptions,
    ProbeOptions,
    ScoreOptions,
    QuantizeOptions {
  readonly recipe: RecipeName | 'auto'
  readonly steps?: number
  readonly batch: number
  readonly trainLayers?: readonly [number, number] | 'auto'
  readonly columnFactors?: boolean
  readonly loraRank?: number
  readonly loraAlpha?: number
  readonly loraRankStabilized?: boolean
  readonly linears?: readonly LinearName[]
  readonly zeroPoints?: boolean
  readonly bits?: 2 | 4
  readonly trainGrid?: boolean
  readonly softRounding?: number
  readonly tokenShare?: number
  readonly softPrompt?: number
  readonly softPromptText?: string
  readonly keepWeight?: number
  readonly evalEvery?: number
  readonly patience?: number
  readonly features?: 'cached' | 'direct'
  readonly featureLimit: number
  readonly featureFormat?: TrainJob['featureFormat']
  readonly keptStates?: TrainJob['keptStates']
  readonly budget: number
  readonly deviceLayers?: number
  readonly deviceMemory?: number
}

/** Adds the flags that say what is to be trained, and how. */
export function withTrainingOptions(command: Command): Command {
  command
    .argument('<model>', 'GGUF file, or folder of safetensors files or of an ONNX model')
    .option(
      '--data <file>',
      'rows to train on: CSV, TSV, JSONL, JSON, Parquet, text, or a folder of texts; for a graph without text a folder of safetensors files (default with --from: as there)',
    )
    .option('--dev <file>', 'rows to evaluate on (default: a tenth of the data, set aside)')
    .option('--from <run>', 'begin at the best state of an earlier run; its rows and task stay, unless given')
    .option('--recipe <name>', `one of ${recipeNames.join(', ')}`, recipeName, 'auto')
    .option('--steps <n>', 'training steps (default: 100 with exact gradients, 1000 without)', integer(1))
    .option('--batch <n>', 'rows of a step', integer(1), 16)
    .option('--seed <n>', 'same seed, same run', integer(0), 42)
    .option('--rows <n>', 'use the first rows of the data only', integer(1))
    .option(
      '--train-layers <a-b>',
      'layers to train, from 0; auto: the upper ones that keep most of the signal, found by probing (default: the upper half where rows are probed, else all)',
      layerRange,
    )
    .option('--column-factors', 'train block-column factors beside the rows')
    .option('--lora-rank <n>', 'rank of low-rank branches (default: 8)', integer(1))
    .option('--lora-alpha <x>', 'alpha / rank multiplies a branch (default: 16)', positiveNumber)
    .option('--lora-rank-stabilized', 'alpha / √rank multiplies a branch instead')
    .option(
      '--linears <names>',
      'for exact-lora, eggroll, exact-qat and zeroqat (default: attn_q,attn_v), quzo and qes (default: all); or all',
      linears,
    )
    .option('--zero-points', 'exact-scales: train zero points too')
    .option('--bits <n>', 'exact-qat and zeroqat: 4 (the default) or 2', codeBits)
    .option('--train-grid', 'exact-qat: train the scale and zero point of blocks too')
    .option('--soft-rounding <x>', 'exact-qat: differentiate an arctangent this sharp', positiveNumber)
    .option(
      '--token-share <x>',
      'exact-qat and exact-scales: tokens that gradients of weights are computed from (default: 1)',
      share,
    )
    .option('--soft-prompt <n>', 'exact-prompt: vectors before every text (default: 16)', integer(1))
    .option('--soft-prompt-text <text>', 'exact-prompt: text whose embeddings they begin as')
    .option('--keep-base <file>', 'text on which the model should stay as it was (exact recipes)')
    .option('--keep-weight <x>', 'how much that counts beside the task (default: 1)', positiveNumber)
    .option('--eval-every <n>', 'steps between evaluations (default: a tenth of the steps)', integer(1))
    .option('--patience <n>', 'stop after so many evaluations without a better one', integer(1))
    .option('--features <mode>', 'cached or direct (default: cached where it pays and fits)', featureMode)
    .option('--budget <size>', 'most memory to hold, such as 8GB', memorySize, defaultBudgetBytes(totalmem()))
    .option(
      '--device-memory <size>',
      "what the GPU's memory may hold: as many of the upper layers run there as fit, the others on the processor",
      memorySize,
    )
    .option('--device-layers <n>', 'upper layers that run on the device (default: all)', integer(1))
    .option('--feature-limit <size>', 'largest feature cache on disk', memorySize, 2e9)
    .addOption(
      new Option('--feature-format <form>', 'numbers of the feature cache (default: float32)').choices(
        featureFormat.options,
      ),
    )
    .option(
      '--kept-states <form>',
      'float32, int16, int8 or file: states kept for exact gradients (default: as memory allows)',
      keptStates,
    )
    .addOption(
      new Option('--protocol <name>', 'mezo: 1000 rows to train on, 500 to choose by').choices(protocols),
    )
    .option('--skip-bad-rows', 'go on after a row that cannot be used, and count it')
  withQuantizeOptions(withPrecisionOption(command))
  return withDeviceOptions(
    withRowOptions(withTaskOptions(withScoreOptions(withProbeOptions(withUpdateOptions(command))))),
  )
}

/** A model with the rows to train it on. */
export interface OpenTraining {
  readonly model: AnyOpenModel
  readonly data: RunData
  readonly device: Device
  readonly choices: RunChoices
  /** What the rows suggested to learn; null where the flags or an earlier run said it. */
  readonly guess: TaskGuess | null
}

/** Where a run is to be made. */
export interface TrainingPlace {
  /** For the tokens that are too many for memory. */
  readonly scratchFolder: string
  /** Earlier runs, whose task is used again for rows with the same columns. */
  readonly runs: readonly NamedRun[]
}

/** Opens what the flags name. @throws EngineError 'request-invalid' without rows or a task, and those of the readers */
export async function openTraining(
  modelPath: string,
  options: TrainingOptions,
  { scratchFolder, runs }: TrainingPlace,
): Promise<OpenTraining> {
  const earlier = earlierJob(options)
  const path = dataPath(options, earlier)
  const date = new Date()
  const model = openAnyModel(modelPath, date, modelHashes())
  const device = await deviceFor(model, options)
  const precision = await precisionOf(options, device, isGraphModel(model.model))
  const named = namedTask(options, earlier) ?? taskOfGraph(model)
  const { task, guess } = named === null ? guessed(path, model, runs) : { task: named, guess: null }
  const data = openRunData({ ...dataRequest(options, earlier, task), scratchFolder }, model)
  const choices: RunChoices = {
    date,
    recipe: options.recipe,
    batchSize: options.batch,
    seed: options.seed,
    featureLimitBytes: options.featureLimit,
    budgetBytes: options.budget,
    device: device.name,
    threads: device.threads,
    precision,
    ...(options.deviceLayers !== undefined && { deviceLayers: options.deviceLayers }),
    ...(options.deviceMemory !== undefined && { deviceMemoryBytes: options.deviceMemory }),
    ...(options.steps !== undefined && { steps: options.steps }),
    ...updateChoices(options),
    ...probeChoices(options),
    ...scoreChoice(options),
    ...layersOf(options, earlier),
    ...(options.columnFactors === true && { hasColumns: true }),
    ...(options.loraRank !== undefined && { rank: options.loraRank }),
    ...(options.loraAlpha !== undefined && { alpha: options.loraAlpha }),
    ...(options.linears !== undefined && { linears: options.linears }),
    ...(options.loraRankStabilized === true && { isRankStabilized: true }),
    ...(options.zeroPoints === true && { hasZeroPoints: true }),
    ...(options.bits !== undefined && { bits: options.bits }),
    ...(options.trainGrid === true && { trainsGrid: true }),
    ...(options.softRounding !== undefined && { softRounding: options.softRounding }),
    ...(options.tokenShare !== undefined && { tokenShare: options.tokenShare }),
    ...(options.softPrompt !== undefined && { promptTokens: options.softPrompt }),
    ...(options.softPromptText !== undefined && { promptText: options.softPromptText }),
    ...(options.keepWeight !== undefined && { keepWeight: options.keepWeight }),
    ...(options.evalEvery !== undefined && { evaluateEvery: options.evalEvery }),
    ...(options.patience !== undefined && { patience: options.patience }),
    ...(options.keptStates !== undefined && { keptStates: options.keptStates }),
    ...(options.features !== undefined && { features: options.features }),
    ...(options.featureFormat !== undefined && { featureFormat: options.featureFormat }),
  }
  return { model, data, device, choices, guess }
}

function guessed(
  path: string,
  { chat }: AnyOpenModel,
  runs: readonly NamedRun[],
): { readonly task: Task; readonly guess: TaskGuess } {
  const guess = guessedTask(path, chat !== null, runs)
  return { task: guess.task, guess }
}

/** All that the earlier run trained, unless told: what it learned must go on somewhere. */
function layersOf({ trainLayers }: TrainingOptions, earlier: TrainJob | null): Pick<RunChoices, 'layers'> {
  if (trainLayers === 'auto' && earlier !== null) throw requestIssue('layers-of-start')
  if (trainLayers !== undefined) return { layers: trainLayers }
  return earlier === null ? {} : { layers: [earlier.recipe.firstLayer, earlier.recipe.endLayer - 1] }
}

const recipeNames = ['auto', ...Object.keys(recipeTemplates)]

function recipeName(value: string): RecipeName | 'auto' {
  if (recipeNames.includes(value)) return value as RecipeName | 'auto'
  throw new InvalidArgumentError(`Expected one of ${recipeNames.join(', ')}.`)
}

function featureMode(value: string): 'cached' | 'direct' {
  if (value === 'cached' || value === 'direct') return value
  throw new InvalidArgumentError('Expected cached or direct.')
}

function keptStates(value: string): TrainJob['keptStates'] {
  const forms = ['float32', 'int16', 'int8', 'file'] as const
  const found = forms.find((form) => form === value)
  if (found !== undefined) return found
  throw new InvalidArgumentError(`Expected one of ${forms.join(', ')}.`)
}
