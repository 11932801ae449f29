import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { readJsonFile } from '../formats/read-json-file.js'
import { EngineError } from '../schema/engine-error.js'
import { isRepositoryName, isSafeName } from './file-name.js'

const knownModel = z.strictObject({
  title: z.string().min(1),
  /** `OWNER/NAME` at the hub. */
  repository: z.string().refine(isRepositoryName),
  file: z.string().refine(isSafeName),
  /** As GGUF names it. */
  architecture: z.string(),
  /** To three digits, as the hub's page of the file shows it; null where nobody has looked. The hub says it exactly when it is asked. */
  aboutBytes: z.int().positive().nullable(),
  licence: z.string(),
  /** `model`: trained here, in this or another quantization. `architecture`: only small models of its kind were. */
  tried: z.enum(['model', 'architecture']),
})
/** A model to begin with. */
export type KnownModel = z.infer<typeof knownModel>

const knownModels = z.strictObject({ version: z.literal(1), models: z.array(knownModel) })
const mostBytes = 2 ** 20

/**
 * Models that this program can train, for people who have none: `resources/models.json`, the smallest first.
 *
 * @param start folder from which upwards it is looked for
 * @throws EngineError 'file-unreadable', 'model-malformed'
 */
export function readKnownModels(start: string = import.meta.dirname): readonly KnownModel[] {
  const name = join('resources', 'models.json')
  for (let folder = start; ; folder = dirname(folder)) {
    const path = join(folder, name)
    if (existsSync(path)) return parseKnownModels(path)
    if (dirname(folder) !== folder) continue
    throw new EngineError(
      'file-unreadable',
      { path: name },
      `the list of models (${name}) is not beside this program`,
    )
  }
}

function parseKnownModels(path: string): readonly KnownModel[] {
  const parsed = knownModels.safeParse(readJsonFile(path, mostBytes))
  if (parsed.success) {
    return parsed.data.models.toSorted(
      (left, right) => (left.aboutBytes ?? Infinity) - (right.aboutBytes ?? Infinity),
    )
  }
  const where = z.prettifyError(parsed.error)
  throw new EngineError('model-malformed', { path, where }, `'${path}' is not a list of models: ${where}`)
}
