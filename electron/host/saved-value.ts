import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { replaceFile } from './replace-file.js'

const fileVersion = 1

/**
 * A value in a JSON file of the app, replaced as a whole. A file that is missing, damaged or from a newer version gives the
 * first value again: what is kept here is never worth refusing to start.
 */
export class SavedValue<T> {
  readonly #path: string
  #value: T

  constructor(path: string, schema: z.ZodType<T>, first: T) {
    this.#path = path
    this.#value = readValue(path, schema) ?? first
  }

  get value(): T {
    return this.#value
  }

  /** Keeps a value; it holds for this process even where the disk is full. */
  save(value: T): void {
    this.#value = value
    replaceFile(this.#path, `${JSON.stringify({ version: fileVersion, value })}\n`)
  }
}

function readValue<T>(path: string, schema: z.ZodType<T>): T | null {
  try {
    const file: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return z.object({ version: z.literal(fileVersion), value: schema }).parse(file).value
  } catch {
    return null
  }
}
