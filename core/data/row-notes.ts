import { valueText } from './column-statistics.js'
import type { RowExamples } from './example-context.js'
import { LanguageSample, type SampledText } from './languages/language-sample.js'
import { minHash, signatureLength } from './min-hash.js'
import { fieldValue, type Row } from './row.js'
import { fingerprint } from './row-fingerprint.js'
import { rowMarks } from './row-marks.js'
import { mainScript, type Script } from './scripts.js'
import { spokenText } from './spoken-text.js'

/** What is kept of the rows of a dataset beside their examples: an entry a row in each list. */
export interface RowNotes {
  readonly lines: Uint32Array
  /** Of what the model is given. */
  readonly fingerprints: Float64Array
  /** Of what it should say. */
  readonly answers: Float64Array
  /** Of the column that rows are grouped by; 0 where there is none. */
  readonly groups: Float64Array
  /** Oddities of the row itself, a bit each: see `markOf`. */
  readonly marks: Uint16Array
  /** MinHash of the prompt, [rows, signatureLength]; empty where nobody asked for it. */
  readonly signatures: Uint32Array
}

/** What is noted of rows, and from which columns. */
export interface NoteRequest {
  /** Columns that the prompt is made of. */
  readonly fieldColumns: readonly string[]
  readonly groupColumn: string | null
  /** Column that says where a row comes from; null where there is none. */
  readonly sourceColumn: string | null
  /** For looking at rows thoroughly: also counts writing systems and sources, and keeps texts. */
  readonly hasSignatures: boolean
  /** False for running text, which has no answers, and for conversations, whose answers stand in them. */
  readonly hasAnswers: boolean
}

/** Rows counted by what they have in common. */
export interface RowTallies {
  readonly scripts: readonly { readonly name: Script; readonly rows: number }[]
  /** At most 100 of them; empty where no column says it. */
  readonly sources: readonly { readonly name: string; readonly rows: number }[]
  /** Prompts of some rows, to tell their languages by. */
  readonly texts: readonly SampledText[]
}

const mostSources = 100

/** Notes rows as they are read. */
export class RowNotebook {
  readonly #request: NoteRequest
  readonly #lines: number[] = []
  readonly #fingerprints: number[] = []
  readonly #answers: number[] = []
  readonly #groups: number[] = []
  readonly #marks: number[] = []
  readonly #scripts = new Map<Script, number>()
  readonly #sources = new Map<string, number>()
  readonly #texts = new LanguageSample()
  #signatures = new Uint32Array(0)

  constructor(request: NoteRequest) {
    this.#request = request
  }

  get count(): number {
    return this.#lines.length
  }

  add(row: Row, { input, answer }: RowExamples): void {
    const { fieldColumns, groupColumn, sourceColumn, hasAnswers, hasSignatures } = this.#request
    const fields = fieldColumns.map((column) => valueText(fieldValue(row, column)))
    this.#marks.push(rowMarks(fields, hasAnswers ? answer : null))
    this.#fingerprints.push(fingerprint(input))
    this.#answers.push(hasAnswers ? fingerprint(answer) : 0)
    this.#groups.push(groupColumn === null ? 0 : fingerprint(valueText(fieldValue(row, groupColumn))))
    if (hasSignatures) minHash(fields.length > 0 ? fields.join('\n') : input, this.#nextSignature())
    this.#lines.push(row.line)
    if (!hasSignatures) return
    const spoken = fieldColumns.map((column) => spokenText(fieldValue(row, column))).join('\n')
    count(this.#scripts, mainScript(spoken))
    this.#texts.add(row.line, spoken)
    if (sourceColumn === null) return
    const source = valueText(fieldValue(row, sourceColumn))
    if (this.#sources.has(source) || this.#sources.size < mostSources) count(this.#sources, source)
  }

  /** Rows by the writing system of their prompts, and by where they come from, the commonest first; texts of some. */
  tallies(): RowTallies {
    return {
      scripts: byCount(this.#scripts),
      sources: byCount(this.#sources),
      texts: this.#texts.rows(),
    }
  }

  notes(): RowNotes {
    return {
      lines: Uint32Array.from(this.#lines),
      fingerprints: Float64Array.from(this.#fingerprints),
      answers: Float64Array.from(this.#answers),
      groups: Float64Array.from(this.#groups),
      marks: Uint16Array.from(this.#marks),
      signatures: this.#request.hasSignatures
        ? this.#signatures.slice(0, this.count * signatureLength)
        : new Uint32Array(0),
    }
  }

  #nextSignature(): Uint32Array {
    const start = this.count * signatureLength
    if (start + signatureLength > this.#signatures.length) {
      const grown = new Uint32Array(Math.max(1024 * signatureLength, 2 * this.#signatures.length))
      grown.set(this.#signatures)
      this.#signatures = grown
    }
    return this.#signatures.subarray(start, start + signatureLength)
  }
}

function count<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function byCount<K>(counts: ReadonlyMap<K, number>): { name: K; rows: number }[] {
  return [...counts].map(([name, rows]) => ({ name, rows })).sort((a, b) => b.rows - a.rows)
}

/** The notes of those rows that are kept. */
export function keepNotes(notes: RowNotes, isKept: (line: number) => boolean): RowNotes {
  const { lines, fingerprints, answers, groups, marks, signatures } = notes
  const indices = lines.map((_, index) => index).filter((index) => isKept(lines[index]))
  const kept = new Uint32Array(signatures.length === 0 ? 0 : indices.length * signatureLength)
  if (kept.length > 0) {
    indices.forEach((index, at) => {
      const start = index * signatureLength
      kept.set(signatures.subarray(start, start + signatureLength), at * signatureLength)
    })
  }
  return {
    lines: Uint32Array.from(indices, (index) => lines[index]),
    fingerprints: Float64Array.from(indices, (index) => fingerprints[index]),
    answers: Float64Array.from(indices, (index) => answers[index]),
    groups: Float64Array.from(indices, (index) => groups[index]),
    marks: Uint16Array.from(indices, (index) => marks[index]),
    signatures: kept,
  }
}
