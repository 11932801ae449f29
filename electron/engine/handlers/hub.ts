import { existsSync, realpathSync, statSync } from 'node:fs'
import {
  describeRepository,
  EngineError,
  estimateBudget,
  findElsewhere,
  obviousOffer,
  offersOf,
  openedPath,
  orderOf,
  readKnownModels,
  readRepositoryName,
  searchRepositories,
  type Hub,
  type Offer,
  type Repository,
  type RepositoryKind,
} from '../../../core/index.js'
import type { Handlers } from '../../ipc/contract.js'
import type { HubOffer } from '../../ipc/hub.js'
import type { EngineContext } from '../context.js'
import { fetchedRows } from '../data-entry.js'
import type { Downloads } from '../downloads.js'
import { fitOfBytes, modelBytes, modelEntry } from '../model-entry.js'
import type { Task } from '../tasks.js'

type HubHandlers = Pick<
  Handlers<'engine'>,
  | 'hub.known'
  | 'hub.search'
  | 'hub.files'
  | 'download.list'
  | 'download.start'
  | 'download.pause'
  | 'download.resume'
  | 'download.discard'
>

/** Looking for models at the hub, and fetching them. */
export function hubHandlers(context: EngineContext, downloads: Downloads, hub: () => Hub): HubHandlers {
  const { tasks, today } = context
  const describe = (kind: RepositoryKind, text: string, task: Task): Promise<Repository> => {
    task.progress('asking-the-hub', 0, null, 'files')
    return describeRepository(hub(), { kind, name: readRepositoryName(text).name }, task.signal)
  }
  return {
    'hub.known': () => ({
      models: readKnownModels().map(
        ({ title, repository: name, file: offer, aboutBytes, licence, tried }) => {
          const fit = aboutBytes === null ? null : fitOfBytes(estimateBudget(aboutBytes))
          return { title, name, offer, aboutBytes, licence, wasTried: tried === 'model', fit }
        },
      ),
    }),
    'hub.search': ({ taskId, kind, words }) =>
      tasks.run(taskId, async (task) => {
        task.progress('asking-the-hub', 0, null, 'files')
        return { found: await searchRepositories(hub(), { kind, words }, task.signal) }
      }),
    'hub.files': ({ taskId, kind, name: text }) =>
      tasks.run(taskId, async (task) => {
        const repository = await describe(kind, text, task)
        const { name, downloads: count, likes, licence, isGated, unsafeCount } = repository
        const offers = offersOf(repository)
        const usual = obviousOffer(offers)
        return {
          repository: { name, downloads: count, likes, licence, isGated },
          offers: offers.map((offer) => shownOffer(context, repository, offer, offer === usual)),
          unsafeCount,
        }
      }),
    'download.list': () => ({ downloads: downloads.list() }),
    'download.start': ({ taskId, kind, name, offer: wanted }) =>
      tasks.run(taskId, async (task) => {
        const repository = await describe(kind, name, task)
        const offer = offersOf(repository).find((each) => each.name === wanted)
        if (offer === undefined) throw notThere(repository.name, wanted)
        return downloads.start(orderOf(repository, offer, today()))
      }),
    'download.pause': ({ download }) => downloads.pause(download),
    'download.resume': ({ download }) => downloads.resume(download),
    'download.discard': async ({ download }) => {
      await downloads.discard(download)
      return null
    },
  }
}

function shownOffer(
  context: EngineContext,
  repository: Repository,
  offer: Offer,
  isUsual: boolean,
): HubOffer {
  const { name, format, quantization, byteLength, files, isReadable } = offer
  const isModel = repository.kind === 'model'
  return {
    offer: name,
    format,
    quantization,
    fileBytes: byteLength,
    fileCount: files.length,
    isReadable,
    isUsual,
    fit: isModel ? fitOfBytes(estimateBudget(byteLength)) : null,
    here: isModel ? alreadyHere(context, repository, offer) : null,
    rowsHere: isModel ? null : rowsAlreadyHere(context, repository, offer),
  }
}

/** Rows that this program fetched before. */
function rowsAlreadyHere(context: EngineContext, repository: Repository, offer: Offer): HubOffer['rowsHere'] {
  const path = openedPath(context.config().modelsFolder, orderOf(repository, offer, context.today()))
  if (statSync(path, { throwIfNoEntry: false })?.size !== offer.byteLength) return null
  return fetchedRows(context, path, `${repository.name}/${offer.name}`)
}

/** An offer that this program fetched before, or that another one keeps. */
function alreadyHere(context: EngineContext, repository: Repository, offer: Offer): HubOffer['here'] {
  const { modelsFolder, libraries, looksInLibraries } = context.config()
  const admit = (path: string, source: 'hub' | 'ollama' | 'lm-studio' | 'hugging-face'): HubOffer['here'] => {
    const name = offer.format === 'safetensors' ? repository.name : `${repository.name}/${offer.name}`
    return modelEntry(context, context.files.admit({ kind: 'model', path: realpathSync(path), name, source }))
  }
  const own = openedPath(modelsFolder, orderOf(repository, offer, context.today()))
  const isWhole = offer.files.length > 1 || modelBytes(own) === offer.byteLength
  if (existsSync(own) && isWhole && modelBytes(own) !== null) return admit(own, 'hub')
  const found = looksInLibraries ? findElsewhere(repository, offer, libraries) : null
  return found === null ? null : admit(found.path, found.source)
}

function notThere(name: string, offer: string): EngineError {
  return new EngineError(
    'hub-not-found',
    { name: `${name}:${offer}` },
    `'${name}' has no '${offer}' (any more)`,
  )
}
