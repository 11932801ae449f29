import { z } from 'zod'
import type { EventName, Reply } from './contract.js'
import { chosenDevice, handle } from './names.js'

/** Where models of other programs are looked for. */
export const libraryFolders = z.strictObject({
  ollama: z.string().nullable(),
  lmStudio: z.array(z.string()),
  huggingFace: z.string().nullable(),
})

/** What the host tells its engine, which reads no environment and no settings of its own. */
export const engineConfig = z.strictObject({
  /** Where the app keeps its own files. */
  stateFolder: z.string(),
  /** The person's folder, which diagnostics leave out. */
  homeFolder: z.string(),
  libraries: libraryFolders,
  /** Where fetched models are kept. */
  modelsFolder: z.string(),
  /** Address of the hub or a mirror, as it was given; null for the usual one. */
  hubEndpoint: z.string().nullable(),
  /** The person's own, for models that need one. */
  hubToken: z.string().nullable(),
  /** Where programs such as Ollama are looked for. */
  searchPath: z.string(),
  threads: z.int().min(1).nullable(),
  device: chosenDevice,
  deviceMemoryBytes: z.int().positive().nullable(),
  isOffline: z.boolean(),
  looksInLibraries: z.boolean(),
  runsFolder: handle.nullable(),
  exportsFolder: handle.nullable(),
  /** For diagnostics. */
  hostName: z.string(),
  checksOutput: z.boolean(),
})
export type EngineConfig = z.infer<typeof engineConfig>

/** What the host sends. `close`: stop the run, keep it, end. */
export const hostFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('configure'), config: engineConfig }),
  z.strictObject({ type: z.literal('request'), id: z.int(), name: z.string(), input: z.unknown() }),
  /** Questions of the host itself, which no page can ask. */
  z.strictObject({
    type: z.literal('locate'),
    id: z.int(),
    what: z.enum(['export', 'folder']),
    name: handle,
  }),
  z.strictObject({ type: z.literal('close') }),
])
export type HostFrame = z.infer<typeof hostFrame>

/** What the engine sends. */
export type EngineFrame =
  | { readonly type: 'hello'; readonly version: number }
  | { readonly type: 'ready' }
  | { readonly type: 'beat' }
  | { readonly type: 'reply'; readonly id: number; readonly reply: Reply }
  | { readonly type: 'event'; readonly name: EventName; readonly payload: unknown }
