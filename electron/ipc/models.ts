import { z } from 'zod'
import { modelSummarySchema } from '../../core/schema/model-summary.js'
import { bytes, count, handle, nothing, taskId, typedPath } from './names.js'

/** Where a model was found. `file`: opened by the person. `hub`: fetched by this program. */
export const modelSource = z.enum(['embedded', 'file', 'hub', 'ollama', 'lm-studio', 'hugging-face'])

/** A model file that can be chosen. */
export const modelEntry = z.strictObject({
  model: handle,
  /** As the library calls it, or the file's name. */
  name: z.string(),
  source: modelSource,
  fileBytes: bytes,
  /** For people, with `~` for their folder. */
  location: z.string(),
  /** When it was last chosen here; null where it never was. */
  usedAt: z.iso.datetime().nullable(),
})

/** A library that was looked through. */
export const modelLibrary = z.strictObject({
  source: modelSource,
  location: z.string(),
  isFound: z.boolean(),
  modelCount: count,
  /** Entries that could not be read. */
  skippedCount: count,
})

/** What a model needs against what this machine gives. */
export const modelVerdict = z.enum(['fits', 'tight', 'exceeds'])

/** A model against this machine's memory. */
export const modelFit = z.strictObject({
  /** What training it needs at least: with its layers in memory, or read from the file where the verdict says so. */
  neededBytes: bytes,
  budgetBytes: bytes,
  verdict: z.enum([...modelVerdict.options, 'streamed']),
})

export const modelRequests = {
  /** Recent models first, then the embedded example, then those of local libraries. */
  'model.list': {
    answeredBy: 'engine',
    input: z.strictObject({ taskId }),
    output: z.strictObject({ models: z.array(modelEntry), libraries: z.array(modelLibrary) }),
  },
  /** Shows a file dialog. Null where the person cancels; 'not-available' in the browser host. */
  'model.pick': { answeredBy: 'host', input: nothing, output: modelEntry.nullable() },
  /** A path typed or dropped. */
  'model.open': { answeredBy: 'engine', input: z.strictObject({ path: typedPath }), output: modelEntry },
  /** Takes a model off the list of recent ones; the file stays. */
  'model.forget': { answeredBy: 'engine', input: z.strictObject({ model: handle }), output: nothing },
  'model.inspect': {
    answeredBy: 'engine',
    input: z.strictObject({ taskId, model: handle }),
    output: z.strictObject({
      entry: modelEntry,
      summary: modelSummarySchema,
      /** Null where the model cannot be trained. */
      fit: modelFit.nullable(),
    }),
  },
} as const

export const modelEvents = {
  /** The system asked to open a model file: a double click, or a second start with a file. */
  'model.opened': modelEntry,
} as const

export type ModelSource = z.infer<typeof modelSource>
export type ModelEntry = z.infer<typeof modelEntry>
export type ModelLibrary = z.infer<typeof modelLibrary>
export type ModelFit = z.infer<typeof modelFit>
