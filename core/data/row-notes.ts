import { valueText } from './column-statistics.js'
import type { RowExamples } from './example-context.js'
import { LanguageSample, type SampledText } from './languages/language-sample.js'
import { minHash } from './min-hash.js'
import type { RowSignatures } from './near-duplicates.js'
import { fieldValue, type Row } from './row.js'
import { fingerprint } from './row-fingerprint.js'
import { rowMarks } from './row-marks.js'
import { mainScript, type Script } from './scripts.js'
import { SignatureStore } from './signature-store.js'
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
  /** MinHash of the prompts; null where nobody asked for it. */
  readonly signatures: RowSignatures | null
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
  /** A folder for signatures that are too many for memory; all stay there where it is null. */
  readonly scratchFolder: string | null
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
  readonly #scripts = new Map<Script, number>()
  readonly #sources = new Map<string, number>()
  readonly #texts = new LanguageSample()
  readonly #signatures: SignatureStore | null
  #noted = roomFor(1024)
  #count = 0

  constructor(request: NoteRequest) {
    this.#request = request
    const { hasSignatures, scratchFolder } = request
    this.#signatures = hasSignatures ? new SignatureStore({ scratchFolder }) : null
  }

  get count(): number {
    return this.#count
  }

  add(row: Row, { input, answer }: RowExamples): void {
    const { fieldColumns, groupColumn, sourceColumn, hasAnswers } = this.#request
    const fields = fieldColumns.map((column) => valueText(fieldValue(row, column)))
    if (this.#count === this.#noted.lines.length) this.#noted = enlarged(this.#noted)
    const { lines, fingerprints, answers, groups, marks } = this.#noted
    marks[this.#count] = rowMarks(fields, hasAnswers ? answer : null)
    fingerprints[this.#count] = fingerprint(input)
    answers[this.#count] = hasAnswers ? fingerprint(answer) : 0
    groups[this.#count] = groupColumn === null ? 0 : fingerprint(valueText(fieldValue(row, groupColumn)))
    lines[this.#count] = row.line
    if (this.#signatures !== null)
      minHash(fields.length > 0 ? fields.join('\n') : input, this.#signatures.next())
    this.#count++
    if (this.#signatures === null) return
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
    const { lines, fingerprints, answers, groups, marks } = this.#noted
    const store = this.#signatures
    return {
      lines: lines.subarray(0, this.#count),
      fingerprints: fingerprints.subarray(0, this.#count),
      answers: answers.subarray(0, this.#count),
      groups: groups.subarray(0, this.#count),
      marks: marks.subarray(0, this.#count),
      signatures:
        store === null ? null : { store, places: Uint32Array.from({ length: this.#count }, (_, at) => at) },
    }
  }
}

type NotedNumbers = Omit<RowNotes, 'signatures'>

function roomFor(rows: number): NotedNumbers {
  return {
    lines: new Uint32Array(rows),
    fingerprints: new Float64Array(rows),
    answers: new Float64Array(rows),
    groups: new Float64Array(rows),
    marks: new Uint16Array(rows),
  }
}

/** The same numbers with half as much room again. */
function enlarged(noted: NotedNumbers): NotedNumbers {
  const room = roomFor(Math.ceil(1.5 * noted.lines.length))
  room.lines.set(noted.lines)
  room.fingerprints.set(noted.fingerprints)
  room.answers.set(noted.answers)
  room.groups.set(noted.groups)
  room.marks.set(noted.marks)
  return room
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
  return {
    lines: indices.map((index) => lines[index]),
    fingerprints: Float64Array.from(indices, (index) => fingerprints[index]),
    answers: Float64Array.from(indices, (index) => answers[index]),
    groups: Float64Array.from(indices, (index) => groups[index]),
    marks: Uint16Array.from(indices, (index) => marks[index]),
    signatures: signatures && { ...signatures, places: indices.map((index) => signatures.places[index]) },
  }
}
