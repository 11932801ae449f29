import { lossCurveSvg } from '../evaluation/loss-curve-svg.js'
import { readLog } from '../training/checked-log.js'
import type { RunFolder } from '../training/run-folder.js'
import { journalLine, lossOf, metricsLine } from '../training/run-records.js'

/** The loss curve of a run as an SVG. @throws EngineError 'run-invalid' */
export function runCurve({ journalPath, metricsPath }: RunFolder, title: string): string {
  const journal = readLog(journalPath, (value) => journalLine.parse(value))
  return lossCurveSvg({
    title,
    steps: journal.map((line) => ({ step: line.step, loss: lossOf(line) })),
    evaluations: readLog(metricsPath, (value) => metricsLine.parse(value)),
  })
}
