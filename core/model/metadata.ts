import type { GgufArray, GgufFile, GgufValue } from '../formats/gguf/gguf-file.js'
import { EngineError } from '../schema/engine-error.js'
import { modelProblem } from '../schema/model-problems.js'

/** Metadata that is not what it should be. */
export function malformedMetadata(file: GgufFile, key: string, expected: string): EngineError {
  const where = modelProblem('at-metadata', { name: key })
  const message = `'${file.path}': ${where}: expected ${expected}, found ${formatValue(file.metadata.get(key))}`
  return new EngineError('model-malformed', { path: file.path, where }, message)
}

/** A model that asks for something this version does not have. @param feature of `core/schema/model-problems.ts` */
export function unsupportedModel(file: GgufFile, feature: string, supported: string): EngineError {
  const message = `'${file.path}' uses ${feature}; supported is ${supported}`
  return new EngineError('model-unsupported', { path: file.path, feature }, message)
}

/** A text, or undefined where the file has none. Throws `model-malformed` for a value of another type. */
export function optionalText(file: GgufFile, key: string): string | undefined {
  const entry = file.metadata.get(key)
  if (!entry) return undefined
  if (entry.type !== 'string') throw malformedMetadata(file, key, 'text')
  return entry.value
}

/** A boolean, or undefined where the file has none. Throws `model-malformed` for a value of another type. */
export function optionalFlag(file: GgufFile, key: string): boolean | undefined {
  const entry = file.metadata.get(key)
  if (!entry) return undefined
  if (entry.type !== 'bool') throw malformedMetadata(file, key, 'true or false')
  return entry.value
}

/** A finite number, or undefined where the file has none. Throws `model-malformed`. */
export function optionalNumber(file: GgufFile, key: string): number | undefined {
  const entry = file.metadata.get(key)
  if (!entry) return undefined
  const value = Number(entry.value)
  const isNumber = typeof entry.value === 'number' || typeof entry.value === 'bigint'
  if (!isNumber || !Number.isFinite(value)) throw malformedMetadata(file, key, 'a finite number')
  return value
}

/** A positive number. Throws `model-malformed` where it is missing and has no default. */
export function positiveNumber(file: GgufFile, key: string, whenMissing?: number): number {
  const value = optionalNumber(file, key) ?? whenMissing
  if (value === undefined || value <= 0) throw malformedMetadata(file, key, 'a positive number')
  return value
}

/** Sizes and counts of real models stay far below; products of two of them stay exact. */
const largestCount = 2 ** 26

/** A whole number from 1 to 2^26. Throws `model-malformed` where it is missing and has no default. */
export function positiveCount(file: GgufFile, key: string, whenMissing?: number): number {
  const value = optionalNumber(file, key) ?? whenMissing
  if (value === undefined || !Number.isInteger(value) || value < 1 || value > largestCount) {
    throw malformedMetadata(file, key, `a whole number from 1 to ${largestCount}`)
  }
  return value
}

/** An array, or undefined where the file has none. Throws `model-malformed` for a value of another type. */
export function optionalArray(file: GgufFile, key: string): GgufArray | undefined {
  const entry = file.metadata.get(key)
  if (!entry) return undefined
  if (entry.type !== 'array') throw malformedMetadata(file, key, 'an array')
  return entry.value
}

const longestQuote = 60

function formatValue(entry: GgufValue | undefined): string {
  if (!entry) return 'nothing'
  if (entry.type === 'array') return `an array of ${entry.value.items.length} items`
  if (entry.type !== 'string') return `${entry.type} ${String(entry.value)}`
  return entry.value.length > longestQuote
    ? `a text of ${entry.value.length} characters`
    : `the text '${entry.value}'`
}
