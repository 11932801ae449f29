import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { readLog, sampleLog } from './checked-log.js'
import type { RunFolder } from './run-folder.js'
import { journalLine, metricsLine, type JournalLine, type MetricsLine } from './run-records.js'

/** Longer than any line of a journal: a step has two losses and a move for each row of its batch. */
const tailBytes = 1 << 20

/** The steps of a run, without working on it; none before the first. @throws EngineError 'run-invalid' */
export function readJournal({ journalPath }: RunFolder): JournalLine[] {
  return existsSync(journalPath) ? readLog(journalPath, (value) => journalLine.parse(value)) : []
}

/** Steps of a run for a curve: all of a short one, of a long one `mostSteps` evenly spread. @throws EngineError 'run-invalid' */
export function sampleJournal({ journalPath }: RunFolder, mostSteps: number): JournalLine[] {
  if (!existsSync(journalPath)) return []
  return sampleLog(journalPath, (value) => journalLine.parse(value), mostSteps)
}

/** The evaluations of a run; none before the first. @throws EngineError 'run-invalid' */
export function readMetrics({ metricsPath }: RunFolder): MetricsLine[] {
  return existsSync(metricsPath) ? readLog(metricsPath, (value) => metricsLine.parse(value)) : []
}

/** How many steps a run has taken, from the last whole line of its journal alone: lists must not read all of them. */
export function stepsTaken({ journalPath }: RunFolder): number {
  if (!existsSync(journalPath)) return 0
  const lines = readTail(journalPath).split('\n')
  // What follows the last line end was torn.
  for (const line of lines.slice(0, -1).reverse()) {
    const step = /"step":(\d+)/.exec(line)?.[1]
    if (step !== undefined) return Number(step) + 1
  }
  return 0
}

function readTail(path: string): string {
  const descriptor = openSync(path, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const bytes = Buffer.alloc(Math.min(size, tailBytes))
    const count = readSync(descriptor, bytes, 0, bytes.length, size - bytes.length)
    return bytes.toString('utf8', 0, count)
  } finally {
    closeSync(descriptor)
  }
}
