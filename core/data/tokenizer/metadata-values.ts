import type { GgufValue } from '../../formats/gguf/gguf-file.js'
import { EngineError } from '../../schema/engine-error.js'

/** Typed reads from a model file's metadata; each returns undefined where the key is absent. */
export interface MetadataValues {
  readonly path: string
  text(key: string): string | undefined
  flag(key: string): boolean | undefined
  integer(key: string): number | undefined
  texts(key: string): readonly string[] | undefined
  numbers(key: string): readonly number[] | undefined
  malformed(key: string, message: string): EngineError<'model-malformed'>
}

/**
 * Reads metadata by type. Every read throws `model-malformed` where the value has another type.
 *
 * @param path what errors call the file
 */
export function metadataValues(metadata: ReadonlyMap<string, GgufValue>, path: string): MetadataValues {
  const malformed = (key: string, message: string): EngineError<'model-malformed'> =>
    new EngineError('model-malformed', { path, where: key }, `'${key}' of '${path}' ${message}`)
  const expected = (key: string, what: string, found: GgufValue): EngineError<'model-malformed'> =>
    malformed(key, `should be ${what}, found ${describe(found)}`)

  return {
    path,
    malformed,
    text: (key) => {
      const found = metadata.get(key)
      if (!found || found.type === 'string') return found?.value
      throw expected(key, 'text', found)
    },
    flag: (key) => {
      const found = metadata.get(key)
      if (!found || found.type === 'bool') return found?.value
      throw expected(key, 'true or false', found)
    },
    integer: (key) => {
      const found = metadata.get(key)
      if (!found) return undefined
      if (typeof found.value === 'bigint') return Number(found.value)
      if (typeof found.value === 'number' && Number.isInteger(found.value)) return found.value
      throw expected(key, 'a whole number', found)
    },
    texts: (key) => {
      const found = metadata.get(key)
      if (!found) return undefined
      if (found.type === 'array' && isTexts(found.value.items)) return found.value.items
      throw expected(key, 'a list of texts', found)
    },
    numbers: (key) => {
      const found = metadata.get(key)
      if (!found) return undefined
      if (found.type === 'array' && isNumbers(found.value.items)) return found.value.items
      throw expected(key, 'a list of numbers', found)
    },
  }
}

function isTexts(items: readonly unknown[]): items is readonly string[] {
  return items.every((item) => typeof item === 'string')
}

function isNumbers(items: readonly unknown[]): items is readonly number[] {
  return items.every((item) => typeof item === 'number')
}

function describe(found: GgufValue): string {
  return found.type === 'array' ? `a list of ${found.value.itemType}` : found.type
}
