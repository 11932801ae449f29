import type { BadRow } from '../data/bad-rows.js'
import { findDuplicates, type Duplicates } from '../data/compare-datasets.js'
import { textExample } from '../data/example.js'
import { findLanguages, type RowLanguages } from '../data/languages/find-languages.js'
import type { LoadedDataset } from '../data/load-dataset.js'
import { oddRows } from '../data/odd-rows.js'
import type { RowTallies } from '../data/row-notes.js'
import { tokenSpans, type TokenSpan } from '../data/token-spans.js'
import { scoredRows } from '../engine/scored-row.js'
import type { RowOddity } from '../schema/row-selection.js'
import { requireText, type TextTask } from '../schema/task.js'
import type { RunData } from './open-data.js'
import type { RowReader } from './row-reader.js'

/** What a person should see of the rows before training on them. */
export interface DataCheck {
  /** With labels and label column filled in. */
  readonly task: TextTask
  readonly trainRows: number
  readonly devRows: number
  readonly examples: readonly RenderedExample[]
  /** Training rows by their exact length, shortest first; of text, its windows. */
  readonly tokenLengths: readonly { readonly tokens: number; readonly rows: number }[]
  readonly longestTokens: number
  readonly medianTokens: number
  readonly contextLength: number
  /** Empty where the task has no labels. */
  readonly labels: readonly LabelCount[]
  readonly duplicates: Duplicates
  /** Training rows to look at, whether or not they are left out. */
  readonly findings: readonly RowFinding[]
  /** Rows of the training file by the writing system of their prompts, and by where they come from. */
  readonly scripts: RowTallies['scripts']
  readonly sources: RowTallies['sources']
  /** Of their prompts; of some rows where there are many. */
  readonly languages: RowLanguages
  /** Tokens of all training rows, as one pass over them runs. */
  readonly passTokens: number
  /** Of those, the tokens that the model learns to write. */
  readonly learnedTokens: number
  readonly badRowCount: number
  readonly badRows: readonly CheckedBadRow[]
  readonly notices: readonly string[]
}

/** A row of either file that cannot be used. */
export interface CheckedBadRow extends BadRow {
  /** Of the file of dev rows. */
  readonly isDev: boolean
}

/** Training rows that are odd in one way. */
export interface RowFinding {
  readonly oddity: RowOddity
  readonly count: number
  /** The first 200. */
  readonly lines: readonly number[]
  /** The row that each is the same as, or stands against; empty where there is none. */
  readonly otherLines: readonly number[]
  /** The selection leaves them out of training. */
  readonly isLeftOut: boolean
}

/** A row as the model sees it. */
export interface RenderedExample {
  readonly line: number
  readonly spans: readonly TokenSpan[]
  readonly tokenCount: number
  readonly trainedCount: number
}

/** A label with its rows. */
export interface LabelCount {
  readonly name: string
  readonly text: string
  readonly trainCount: number
  readonly devCount: number
}

const shownExamples = 3
const keptLines = 200

/** Sums up the rows of a run that is about to be made. @throws EngineError 'request-invalid' for rows of tensors */
export async function checkData(data: RunData, model: RowReader): Promise<DataCheck> {
  const { train, dev, task, job, notices } = data
  const lengths = lengthsOf(train)
  const tokenLengths = [...lengths].toSorted(([left], [right]) => left - right)
  // Rows set aside come from the same file and share its bad rows.
  const files = job.dev === null ? [train] : [train, dev]
  return {
    task: requireText(task),
    trainRows: train.rows.lines.length,
    devRows: dev.rows.lines.length,
    examples: renderedExamples(train, model),
    tokenLengths: tokenLengths.map(([tokens, rows]) => ({ tokens, rows })),
    longestTokens: tokenLengths.at(-1)?.[0] ?? 0,
    medianTokens: medianOf(tokenLengths),
    contextLength: model.model.description.contextLength,
    labels: labelCounts(train, dev),
    duplicates: findDuplicates(train, dev),
    findings: findingsOf(data),
    scripts: train.tallies.scripts,
    sources: train.tallies.sources,
    languages: await findLanguages(train.tallies.texts),
    ...tokensOf(train),
    badRowCount: files.reduce((sum, { skippedCount }) => sum + skippedCount, 0),
    badRows: files
      .flatMap((file) => file.skippedRows.map((row) => ({ ...row, isDev: file !== train })))
      .slice(0, keptLines),
    notices,
  }
}

/** Rows of each length; where labels have several tokens, with the longest label. */
function lengthsOf({ dataset: { examples, objective } }: LoadedDataset): Map<number, number> {
  const counts = new Map<number, number>()
  for (const example of examples) {
    let tokens = 0
    for (const row of scoredRows(example, objective)) tokens = Math.max(tokens, row.tokens.length)
    counts.set(tokens, (counts.get(tokens) ?? 0) + 1)
  }
  return counts
}

/** Rows are looked for among all that could be trained on, so that what is left out is still shown. */
function findingsOf({ candidates, dev, job }: RunData): RowFinding[] {
  return oddRows(candidates, dev).map(({ oddity, lines, otherLines }) => ({
    oddity,
    count: lines.length,
    lines: lines.slice(0, keptLines),
    otherLines: otherLines.slice(0, keptLines),
    isLeftOut: job.selection.leaveOut.includes(oddity),
  }))
}

function tokensOf({ dataset: { examples, objective } }: LoadedDataset): {
  passTokens: number
  learnedTokens: number
} {
  let passTokens = 0
  let learnedTokens = 0
  for (const example of examples) {
    const rows = scoredRows(example, objective)
    for (const { tokens, targets } of rows) {
      passTokens += tokens.length
      // One label logit decides where labels are single tokens.
      learnedTokens += example.kind === 'label' ? 0 : targets.length
    }
    if (example.kind === 'label' && objective.kind === 'labels')
      learnedTokens += objective.options[example.label].tokens.length
  }
  return { passTokens, learnedTokens }
}

function medianOf(lengths: readonly (readonly [tokens: number, rows: number])[]): number {
  const total = lengths.reduce((sum, [, rows]) => sum + rows, 0)
  let seen = 0
  for (const [tokens, rows] of lengths) {
    seen += rows
    if (seen * 2 >= total) return tokens
  }
  return 0
}

/** The first row, one from the middle, and the last. */
function renderedExamples({ dataset }: LoadedDataset, { tokenizer }: RowReader): RenderedExample[] {
  const { objective } = dataset
  const examples = dataset.examples.map(textExample)
  const last = examples.length - 1
  const indices = new Set(
    Array.from({ length: shownExamples }, (_, each) => Math.floor((each * last) / (shownExamples - 1))),
  )
  return [...indices].map((index): RenderedExample => {
    const example = examples[index]
    const spans = tokenSpans(example, objective, tokenizer)
    const count = (isCounted: (span: TokenSpan) => boolean): number =>
      spans.filter(isCounted).reduce((sum, { tokenCount }) => sum + tokenCount, 0)
    return {
      line: example.line,
      spans,
      tokenCount: count(() => true),
      trainedCount: count(({ isTrained }) => isTrained),
    }
  })
}

function labelCounts(train: LoadedDataset, dev: LoadedDataset): LabelCount[] {
  const { objective } = train.dataset
  if (objective.kind !== 'labels') return []
  const counted = ({ dataset }: LoadedDataset): number[] => {
    const counts = objective.options.map(() => 0)
    for (const example of dataset.examples) if (example.kind === 'label') counts[example.label]++
    return counts
  }
  const [trainCounts, devCounts] = [counted(train), counted(dev)]
  return objective.options.map(({ name, text }, label) => ({
    name,
    text,
    trainCount: trainCounts[label],
    devCount: devCounts[label],
  }))
}
