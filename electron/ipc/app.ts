import { z } from 'zod'
import { chosenDevice, nothing, runId } from './names.js'
import { folderEntry } from './exports.js'
import { handle } from './names.js'

/** Why an engine process ended. */
export const goneCause = z.enum(['out-of-memory', 'killed', 'crashed', 'ended', 'not-started'])

export const engineState = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('starting') }),
  z.strictObject({ state: z.literal('ready') }),
  /** It has not answered for some seconds: inside one long computation. */
  z.strictObject({ state: z.literal('busy') }),
  z.strictObject({
    state: z.literal('gone'),
    cause: goneCause,
    /** The run that it worked on, kept up to its last step. */
    runId: runId.nullable(),
    /** Its last words, for people who look closer. */
    detail: z.string(),
  }),
])

export const settings = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']),
  /** BCP 47; null follows the system. */
  language: z.string().max(35).nullable(),
  /** Null: as many as the machine has cores. */
  threads: z.int().min(1).max(256).nullable(),
  /** What models run on; `auto` measures. */
  device: chosenDevice.default('auto'),
  /** What a GPU's memory may hold: layers beyond that run on the processor. Null: all run there. */
  deviceMemoryBytes: z.int().positive().nullable().default(null),
  /** No request leaves this computer. */
  isOffline: z.boolean(),
  /** Null: folders of the app. */
  runsFolder: folderEntry.nullable(),
  exportsFolder: folderEntry.nullable(),
  /** Look for models of other programs. */
  looksInLibraries: z.boolean(),
})

export const appRequests = {
  /** Where the page runs, and what this host can do. */
  'app.describe': {
    answeredBy: 'host',
    input: nothing,
    output: z.strictObject({
      host: z.enum(['electron', 'browser']),
      version: z.string(),
      platform: z.string(),
      engine: engineState,
      canPickFiles: z.boolean(),
      canReveal: z.boolean(),
    }),
  },
  /** Starts a new engine where the old one is gone; never happens by itself. Answers when it is ready. */
  'engine.restart': { answeredBy: 'host', input: nothing, output: engineState },
  /** Ends an engine that does not answer; what the run has written is kept. */
  'engine.forceStop': { answeredBy: 'host', input: nothing, output: engineState },
  'settings.get': { answeredBy: 'host', input: nothing, output: settings },
  /** Changes what is named. Folders are handles. */
  'settings.change': {
    answeredBy: 'host',
    input: z
      .strictObject({
        ...settings.shape,
        runsFolder: handle.nullable(),
        exportsFolder: handle.nullable(),
      })
      .partial(),
    output: settings,
  },
  /** What the page remembers across restarts; the page knows its shape. At most 1 MB. */
  'wizard.load': { answeredBy: 'host', input: nothing, output: z.strictObject({ state: z.json() }) },
  'wizard.save': { answeredBy: 'host', input: z.strictObject({ state: z.json() }), output: nothing },
  'about.describe': {
    answeredBy: 'engine',
    input: nothing,
    output: z.strictObject({
      program: z.string(),
      versions: z.array(z.strictObject({ name: z.string(), version: z.string() })),
      licences: z.array(z.strictObject({ name: z.string(), version: z.string(), licence: z.string() })),
    }),
  },
  /** Facts for a report of a fault: home path and data removed. */
  'about.diagnostics': {
    answeredBy: 'engine',
    input: nothing,
    output: z.strictObject({ text: z.string() }),
  },
} as const

export const appEvents = {
  'engine.changed': engineState,
  'settings.changed': settings,
} as const

export type EngineState = z.infer<typeof engineState>
export type GoneCause = z.infer<typeof goneCause>
export type Settings = z.infer<typeof settings>
