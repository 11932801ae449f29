import { z } from 'zod'
import { ggufTypes } from '../../core/schema/gguf-type.js'
import { bytes, chosenStep, count, handle, nothing, runId, taskId, title, typedPath } from './names.js'

export const exportFormat = z.enum(['gguf', 'gguf-lora', 'onnx', 'adapter', 'ollama', 'lm-studio'])

/** A folder that exports can go to. */
export const folderEntry = z.strictObject({ folder: handle, location: z.string() })

export const exportOption = z.strictObject({
  format: exportFormat,
  isAvailable: z.boolean(),
  /** Why it is not; null where it is. */
  obstacle: z.enum(['not-installed', 'not-supported', 'no-evaluation', 'no-branches']).nullable(),
  neededBytes: bytes,
  /** Null where it cannot be known, or there is no place for it. */
  freeBytes: bytes.nullable(),
  /** The file or folder that it will be; null where there is no place for it. */
  location: z.string().nullable(),
  /** Whether the program it is for takes it over at once, because it is installed. */
  importsAtOnce: z.boolean(),
})

/** A type that a GGUF file can be written in, and what it would take. */
export const exportType = z.strictObject({ type: z.enum(ggufTypes), neededBytes: bytes })

/** What a check saw. */
export const exportFinding = z.discriminatedUnion('code', [
  z.strictObject({ code: z.literal('rebuilt'), step: chosenStep }),
  z.strictObject({ code: z.literal('branches-exact'), tensorCount: count }),
  z.strictObject({ code: z.literal('tensors-changed'), tensorCount: count }),
  /** In a new file, from a base that is none. */
  z.strictObject({ code: z.literal('tensors-changed-of-all'), tensorCount: count }),
  /** Largest difference between the logits of the export and the engine's. */
  z.strictObject({ code: z.literal('logits-same'), difference: z.number() }),
  z.strictObject({ code: z.literal('losses'), rowCount: count, trained: z.number(), exported: z.number() }),
  /** In a file of another type: what rounding to it costs, which is not for a check to judge. */
  z.strictObject({
    code: z.literal('losses-of-type'),
    rowCount: count,
    trained: z.number(),
    exported: z.number(),
  }),
  z.strictObject({ code: z.literal('tokens-written'), tokenCount: count }),
  z.strictObject({ code: z.literal('ended'), tokenCount: count }),
  z.strictObject({ code: z.literal('went-on'), tokenCount: count }),
  z.strictObject({ code: z.literal('base-goes-on') }),
  /** What to type later. */
  z.strictObject({ code: z.literal('ollama-missing'), command: z.string() }),
  /** Its own last words. */
  z.strictObject({ code: z.literal('ollama-said'), words: z.string() }),
])

/** One thing that was checked about an export; `passed` null where it does not apply. */
export const exportCheck = z.strictObject({
  check: z.enum(['read-back', 'same-losses', 'rounding', 'generates', 'stops', 'imported']),
  passed: z.boolean().nullable(),
  finding: exportFinding,
})

export const exportRecord = z.strictObject({
  exportId: handle,
  runId,
  step: count,
  format: exportFormat,
  name: z.string(),
  location: z.string(),
  writtenBytes: bytes,
  writtenAt: z.iso.datetime(),
  checks: z.array(exportCheck),
  /** What it wrote when it was tried; null for an adapter. */
  proof: z.strictObject({ prompt: z.string(), text: z.string(), tokenCount: count }).nullable(),
})

export const exportRequests = {
  'export.options': {
    answeredBy: 'engine',
    /** `name` null: as the run is called. */
    input: z.strictObject({ runId, folder: handle.nullable(), name: title.nullable() }),
    output: z.strictObject({ options: z.array(exportOption), suggestedName: z.string() }),
  },
  /** Types that GGUF files of this run can have instead of the base's own; none where its model is no such file's. */
  'export.types': {
    answeredBy: 'engine',
    input: z.strictObject({ runId }),
    output: z.strictObject({ types: z.array(exportType) }),
  },
  /** Writes, reads back, generates once; done only when it is proved. */
  'export.write': {
    answeredBy: 'engine',
    input: z.strictObject({
      taskId,
      runId,
      step: chosenStep,
      format: exportFormat,
      /** Of a GGUF file; null for the types that the base has. */
      type: z.enum(ggufTypes).nullable(),
      name: title,
      /** Null: the folder of the settings, or the library's own. */
      folder: handle.nullable(),
      /** System text for a Modelfile. */
      system: z.string().max(100_000).nullable(),
    }),
    output: exportRecord,
  },
  /** The model card as it would be written. Markdown, to be shown as text. */
  'export.card': {
    answeredBy: 'engine',
    input: z.strictObject({ runId, step: chosenStep }),
    output: z.strictObject({ text: z.string() }),
  },
  /** Earlier exports, newest first. */
  'export.list': {
    answeredBy: 'engine',
    input: z.strictObject({ runId: runId.nullable() }),
    output: z.strictObject({ exports: z.array(exportRecord) }),
  },
  /** Shows it in the system's file manager; 'not-available' in the browser host. */
  'export.reveal': { answeredBy: 'host', input: z.strictObject({ exportId: handle }), output: nothing },
  /** Shows a folder dialog. Null where the person cancels; 'not-available' in the browser host. */
  'folder.pick': { answeredBy: 'host', input: nothing, output: folderEntry.nullable() },
  /** A path typed. */
  'folder.open': { answeredBy: 'engine', input: z.strictObject({ path: typedPath }), output: folderEntry },
} as const

export type ExportFormat = z.infer<typeof exportFormat>
export type FolderEntry = z.infer<typeof folderEntry>
export type ExportType = z.infer<typeof exportType>
export type ExportOption = z.infer<typeof exportOption>
export type ExportFinding = z.infer<typeof exportFinding>
export type ExportCheck = z.infer<typeof exportCheck>
export type ExportRecord = z.infer<typeof exportRecord>
