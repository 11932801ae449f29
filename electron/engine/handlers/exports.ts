import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import {
  EngineError,
  freeBytes,
  ggufBytesByType,
  inspectModel,
  makeFolder,
  modelCardText,
  readJob,
  readMetrics,
  runFolder,
  runsByGraph,
  shareInterval,
  type Dataset,
  type TrainJob,
  type TrainedRun,
} from '../../../core/index.js'
import type { Handlers } from '../../ipc/contract.js'
import type { ExportFormat, ExportOption, ExportType } from '../../ipc/exports.js'
import type { EngineContext } from '../context.js'
import type { ExportRecords } from '../export-records.js'
import { exportTarget, fileName } from '../export-targets.js'
import { writeExport } from '../exporter.js'
import { findOllama } from '../ollama.js'
import type { OpenedRuns } from '../opened-runs.js'
import type { RunFolders } from '../run-records.js'
import { shownPath } from '../shown-path.js'
import type { Task } from '../tasks.js'
import { resolveTypedPath } from '../typed-path.js'

type ExportHandlers = Pick<
  Handlers<'engine'>,
  'export.options' | 'export.types' | 'export.write' | 'export.card' | 'export.list' | 'folder.open'
>

export interface ExportParts {
  readonly folders: RunFolders
  readonly runs: OpenedRuns
  readonly records: ExportRecords
  /** Real folder of exports, as the settings say. */
  readonly exportsFolder: () => string
}

const formats: readonly ExportFormat[] = ['gguf', 'gguf-lora', 'onnx', 'adapter', 'ollama', 'lm-studio']
/** Bytes of weights in an ONNX folder for each of the model file's, about: the embedding becomes float16. */
const onnxShare = 1.4
const adapterBytes = 1e6
const bytesPerNumber = 4

/** Taking what a run made out of the app. */
export function exportHandlers(context: EngineContext, parts: ExportParts): ExportHandlers {
  const { tasks, files, config, today } = context
  const { folders, runs, records } = parts
  return {
    'export.options': ({ runId, folder, name }) => {
      const job = readJob(runFolder(folders.find(runId)))
      const suggestedName = fileName(folders.readRecord(runId)?.name ?? runId)
      const asked = { runId, folder, name: name ?? suggestedName }
      return { options: formats.map((format) => optionOf(format, asked, job, context, parts)), suggestedName }
    },
    'export.types': ({ runId }) => ({ types: typesOf(readJob(runFolder(folders.find(runId)))) }),
    'export.write': (request) =>
      tasks.run(request.taskId, async (task) => {
        const run = await runs.open(request.runId, request.step, task)
        const rows = await rowsOf(request.runId, run, runs, task)
        const folder = folderOf(request.format, request.folder, context, parts)
        const card = cardOf(request.name, request.runId, run, folders)
        return writeExport({ request, run, rows, folder, card }, context, records, task)
      }),
    'export.card': async ({ runId, step }) => {
      const name = folders.readRecord(runId)?.name ?? runId
      return { text: cardOf(name, runId, await runs.open(runId, step), folders) }
    },
    'export.list': ({ runId }) => ({ exports: records.list(runId) }),
    'folder.open': ({ path }) => {
      const real = resolveTypedPath(path, 'folder', config().homeFolder)
      const folder = files.use(
        files.admit({ kind: 'folder', path: real, name: basename(real), source: 'file' }),
        today(),
      )
      return { folder: folder.handle, location: shownPath(real, config().homeFolder) }
    },
  }
}

/** Of a graph that nothing is known of, no GGUF file can be made. @throws EngineError where the model is gone */
function typesOf({ model: { path } }: TrainJob): ExportType[] {
  if (runsByGraph(path)) return []
  return ggufBytesByType(path).map(({ type, byteLength }) => ({ type, neededBytes: byteLength }))
}

function folderOf(
  format: ExportFormat,
  chosen: string | null,
  { files, config }: EngineContext,
  { exportsFolder }: ExportParts,
): string {
  if (format === 'lm-studio') {
    const found = lmStudioFolder(config().libraries.lmStudio)
    if (found !== null) return found
    throw new EngineError('not-available', { feature: 'LM Studio' }, 'LM Studio has no folder of models here')
  }
  if (chosen !== null) return files.find(chosen, 'folder').path
  const folder = exportsFolder()
  makeFolder(folder)
  return folder
}

function lmStudioFolder(candidates: readonly string[]): string | null {
  return candidates.find((folder) => existsSync(folder)) ?? null
}

function optionOf(
  format: ExportFormat,
  {
    runId,
    folder: chosen,
    name,
  }: { readonly runId: string; readonly folder: string | null; readonly name: string },
  { model, recipe }: TrainJob,
  context: EngineContext,
  parts: ExportParts,
): ExportOption {
  const { config } = context
  const isMissing = format === 'lm-studio' && lmStudioFolder(config().libraries.lmStudio) === null
  const hasState = existsSync(runFolder(parts.folders.find(runId)).bestStatePath)
  const hasOnlyBranches =
    recipe.estimator === 'gradients' && recipe.parts.every(({ kind }) => kind === 'low-rank')
  const folder = isMissing ? '' : folderOf(format, chosen, context, parts)
  const { path } = exportTarget(format, folder, name)
  const obstacle = !hasState
    ? 'no-evaluation'
    : isMissing
      ? 'not-installed'
      : format === 'gguf-lora' && !hasOnlyBranches
        ? 'no-branches'
        : null
  const trainedNumbers = parts.folders.readRecord(runId)?.trainedNumbers ?? 0
  const neededBytes: Readonly<Partial<Record<ExportFormat, number>>> = {
    adapter: adapterBytes,
    'gguf-lora': bytesPerNumber * trainedNumbers,
    onnx: onnxShare * model.byteLength,
  }
  return {
    format,
    isAvailable: obstacle === null,
    obstacle,
    neededBytes: neededBytes[format] ?? model.byteLength,
    freeBytes: isMissing ? null : freeBytes(folder),
    location: isMissing ? null : shownPath(path, config().homeFolder),
    importsAtOnce: format === 'ollama' && findOllama(config().searchPath) !== null,
  }
}

/** The held-out rows of a run; null where their files are gone or changed: an export does not need them. */
async function rowsOf(runId: string, run: TrainedRun, runs: OpenedRuns, task: Task): Promise<Dataset | null> {
  try {
    return (await runs.data(runId, run, task)).dev.dataset
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code !== 'cancelled') return null
    throw thrown
  }
}

function cardOf(name: string, runId: string, run: TrainedRun, folders: RunFolders): string {
  const { folder, job, model, parameters, step } = run
  const metrics = readMetrics(folder)
  const end = folders.readRecord(runId)?.end
  return modelCardText({
    name,
    baseName: model.model.description.name,
    licence: inspectModel(job.model.path).licence,
    job,
    step,
    trainedNumbers: parameters.count,
    before: metrics.find((line) => line.step === 0) ?? null,
    after: metrics.find((line) => line.step === step) ?? null,
    lossChange: end?.bestStep === step ? end.lossChange : null,
    interval: ({ accuracy, examples }) => shareInterval(Math.round((accuracy ?? 0) * examples), examples),
  })
}
