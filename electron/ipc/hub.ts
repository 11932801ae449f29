import { z } from 'zod'
import { dataEntry } from './data.js'
import { modelEntry, modelVerdict } from './models.js'
import { bytes, count, handle, keptFailure, milliseconds, nothing, taskId } from './names.js'

/** `OWNER/NAME`; the engine checks it. */
const repositoryName = z.string().min(1).max(200)

/** What a repository holds. */
export const repositoryKind = z.enum(['model', 'dataset'])

/** A repository of a hub, as a search shows it. Names and licences are its owner's words. */
export const hubRepository = z.strictObject({
  name: z.string(),
  downloads: count,
  likes: count,
  licence: z.string().nullable(),
  /** Whether its owner lets in only who asked. */
  isGated: z.boolean(),
})

/** What training would take, estimated from a file's size. */
export const estimatedFit = z.strictObject({ neededBytes: bytes, budgetBytes: bytes, verdict: modelVerdict })

/** A file of a repository, the parts of a split one, its folder of safetensors, or a file of rows. */
export const hubOffer = z.strictObject({
  /** Names it in `download.start`. */
  offer: z.string(),
  format: z.enum(['gguf', 'safetensors', 'data']),
  /** Such as `Q4_K_M`; null where the name does not say. */
  quantization: z.string().nullable(),
  fileBytes: bytes,
  fileCount: count,
  /** Whether this version reads weights of that kind. */
  isReadable: z.boolean(),
  /** What a person most likely wants. */
  isUsual: z.boolean(),
  /** Null for rows. */
  fit: estimatedFit.nullable(),
  /** Where it is on this computer already; null where it is not, and for rows. */
  here: modelEntry.nullable(),
  /** Rows that are on this computer already. */
  rowsHere: dataEntry.nullable().default(null),
})

/** A model to begin with. */
export const knownHubModel = z.strictObject({
  title: z.string(),
  name: z.string(),
  offer: z.string(),
  /** Rounded; null where nobody has looked. */
  aboutBytes: bytes.nullable(),
  licence: z.string(),
  /** Whether it was trained with this program, or only small models of its kind. */
  wasTried: z.boolean(),
  fit: estimatedFit.nullable(),
})

/** Where a download stands. `waiting`: for another one. After `done` and `discarded` it is no longer listed. */
export const downloadState = z.enum([
  'waiting',
  'running',
  'verifying',
  'paused',
  'failed',
  'done',
  'discarded',
])

export const download = z.strictObject({
  download: handle,
  kind: repositoryKind.default('model'),
  /** `OWNER/NAME` */
  name: z.string(),
  /** The file; of several, the first. */
  file: z.string(),
  fileCount: count,
  state: downloadState,
  done: bytes,
  total: bytes,
  bytesPerSecond: bytes.nullable(),
  remainingMs: milliseconds.nullable(),
  failure: keptFailure.nullable(),
  /** The model, once it is here. */
  model: modelEntry.nullable(),
  /** The rows, once they are here. */
  rows: dataEntry.nullable().default(null),
})

const chosen = z.strictObject({ download: handle })
const wantedKind = repositoryKind.default('model')

/** How a token is kept. `memory`: until this program ends. `safe`: encrypted by the system. */
export const hubToken = z.strictObject({ isSet: z.boolean(), place: z.enum(['safe', 'memory']) })

export const hubRequests = {
  /** Models to begin with, from a list that comes with the program. Asks nobody. */
  'hub.known': {
    answeredBy: 'engine',
    input: nothing,
    output: z.strictObject({ models: z.array(knownHubModel) }),
  },
  /** Models with GGUF files, or data sets, by words of their names, the most downloaded first. */
  'hub.search': {
    answeredBy: 'engine',
    input: z.strictObject({ taskId, kind: wantedKind, words: z.string().trim().min(1).max(200) }),
    output: z.strictObject({ found: z.array(hubRepository) }),
  },
  /** What a repository offers now. */
  'hub.files': {
    answeredBy: 'engine',
    input: z.strictObject({ taskId, kind: wantedKind, name: repositoryName }),
    output: z.strictObject({
      repository: hubRepository,
      offers: z.array(hubOffer),
      /** Files whose names no folder should have. */
      unsafeCount: count,
    }),
  },
  /** Downloads that are not done, the oldest first. */
  'download.list': {
    answeredBy: 'engine',
    input: nothing,
    output: z.strictObject({ downloads: z.array(download) }),
  },
  'download.start': {
    answeredBy: 'engine',
    input: z.strictObject({
      taskId,
      kind: wantedKind,
      name: repositoryName,
      offer: z.string().min(1).max(1000),
    }),
    output: download,
  },
  'download.pause': { answeredBy: 'engine', input: chosen, output: download },
  /** Also after a failure, and after a restart. */
  'download.resume': { answeredBy: 'engine', input: chosen, output: download },
  /** Stops it and throws away what came of files that are not whole. */
  'download.discard': { answeredBy: 'engine', input: chosen, output: nothing },
  'token.describe': { answeredBy: 'host', input: nothing, output: hubToken },
  /** Keeps a token for models that need one; null forgets it. It goes to the hub alone, and never back to the page. */
  'token.set': {
    answeredBy: 'host',
    input: z.strictObject({
      token: z
        .string()
        .trim()
        .regex(/^[\x21-\x7e]{1,4096}$/)
        .nullable(),
    }),
    output: hubToken,
  },
} as const

export const hubEvents = { 'download.changed': download } as const

export type RepositoryKind = z.infer<typeof repositoryKind>
export type HubRepository = z.infer<typeof hubRepository>
export type HubOffer = z.infer<typeof hubOffer>
export type KnownHubModel = z.infer<typeof knownHubModel>
export type EstimatedFit = z.infer<typeof estimatedFit>
export type Download = z.infer<typeof download>
export type DownloadState = z.infer<typeof downloadState>
export type HubToken = z.infer<typeof hubToken>
