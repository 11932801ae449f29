import { realpathSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import {
  EngineError,
  findDemo,
  inspectModel,
  leastMemory,
  listFetchedModels,
  listHuggingFaceModels,
  listLmStudioModels,
  listOllamaModels,
  modelProblem,
  runsByGraph,
  type LocalLibrary,
  type ModelSummary,
} from '../../../core/index.js'
import type { Handlers } from '../../ipc/contract.js'
import type { ModelEntry, ModelFit, ModelLibrary } from '../../ipc/models.js'
import type { EngineContext } from '../context.js'
import type { KnownFile } from '../known-files.js'
import { fitOfBytes, modelBytes, modelEntry } from '../model-entry.js'
import { shownPath } from '../shown-path.js'
import { resolveTypedPath } from '../typed-path.js'

type ModelHandlers = Pick<Handlers<'engine'>, 'model.list' | 'model.open' | 'model.forget' | 'model.inspect'>

/** Finding and describing models. */
export function modelHandlers(context: EngineContext): ModelHandlers {
  const { files, tasks, today } = context
  return {
    'model.list': ({ taskId }) =>
      tasks.run(taskId, async (task) => {
        const libraries: LocalLibrary[] = []
        for (const look of librariesToLookIn(context)) {
          task.progress('looking-for-models', libraries.length, null, 'files')
          libraries.push(look())
          await task.breathe()
        }
        return listModels(context, libraries)
      }),
    'model.open': ({ path }) => {
      const real = resolveTypedPath(path, 'model', context.config().homeFolder)
      const known = files.admit({ kind: 'model', path: real, name: nameOf(real), source: 'file' })
      return modelEntry(context, files.use(known, today()))
    },
    'model.forget': ({ model }) => {
      files.forget(model)
      return null
    },
    'model.inspect': ({ taskId, model }) =>
      tasks.run(taskId, async (task) => {
        const file = files.find(model, 'model')
        task.progress('reading-header', 0, 1, 'files')
        await task.breathe()
        const summary = inspectShown(file.path)
        return { entry: modelEntry(context, files.use(file, today())), summary, fit: fitOf(summary) }
      }),
  }
}

/** Sums up a model that the app can run. @throws EngineError 'model-unsupported', naming the command line where that can run it */
function inspectShown(path: string): ModelSummary {
  if (!runsByGraph(path)) return inspectModel(path)
  const feature = modelProblem('own-graph')
  const message = `'${path}' has ${feature}: zerotune train, eval and export`
  throw new EngineError('model-unsupported', { path, feature }, message)
}

/** A graph in ONNX is called `model.onnx` in every folder, so that the folder's name says more. */
function nameOf(path: string): string {
  return /\.onnx$/i.test(path) ? `${basename(dirname(path))}/${basename(path)}` : basename(path)
}

/** A model against this machine's memory: as a whole, or where that is too large with its layers read from the file. */
function fitOf(summary: ModelSummary): ModelFit | null {
  if (!summary.canTrain) return null
  const { keptBytes, streamedBytes } = leastMemory(summary)
  const whole = fitOfBytes(keptBytes)
  if (whole.verdict !== 'exceeds') return whole
  const inLayers = fitOfBytes(streamedBytes)
  return inLayers.verdict === 'exceeds' ? inLayers : { ...inLayers, verdict: 'streamed' }
}

/** What looks into each library: our own, and where the person allows it those of other programs. */
function librariesToLookIn({ config }: EngineContext): (() => LocalLibrary)[] {
  const { libraries, looksInLibraries, modelsFolder } = config()
  const fetched = (): LocalLibrary => listFetchedModels(modelsFolder)
  if (!looksInLibraries) return [fetched]
  const { ollama, lmStudio, huggingFace } = libraries
  return [
    fetched,
    ...(ollama === null ? [] : [() => listOllamaModels(ollama)]),
    ...lmStudio.map((folder) => () => listLmStudioModels(folder)),
    ...(huggingFace === null ? [] : [() => listHuggingFaceModels(huggingFace)]),
  ]
}

function listModels(
  context: EngineContext,
  libraries: readonly LocalLibrary[],
): { models: ModelEntry[]; libraries: ModelLibrary[] } {
  const { files, config } = context
  const demo = findDemo().model
  const embedded = files.admit({ kind: 'model', path: demo, name: basename(demo), source: 'embedded' })
  const found = libraries.flatMap(({ models }) =>
    models.map(({ source, name, path }) =>
      files.admit({ kind: 'model', path: realpathSync(path), name, source }),
    ),
  )
  const listed = new Map([...files.recent('model'), embedded, ...found].map((file) => [file.handle, file]))
  return {
    models: [...listed.values()].filter(isThere).map((file) => modelEntry(context, file)),
    libraries: libraries.map(({ source, folder, isFound, models, skippedCount }) => ({
      source,
      location: shownPath(folder, config().homeFolder),
      isFound,
      modelCount: models.length,
      skippedCount,
    })),
  }
}

function isThere({ path }: KnownFile): boolean {
  return modelBytes(path) !== null
}
