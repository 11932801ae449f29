import { lossCurveSvg } from '../evaluation/loss-curve-svg.js'
import { readLog } from '../training/checked-log.js'
import type { RunFolder } from '../training/run-folder.js'
import { journalLine, metricsLine } from '../training/run-records.js'

/** The loss curve of a run as an SVG. @throws EngineError 'run-invalid' */
export function runCurve({ journalPath, metricsPath }: RunFolder, title: string): string {
  const steps = readLog(journalPath, (value) => journalLine.parse(value)).map(({ step, plus, minus }) => {
    const losses = [...plus, ...minus]
    return { step, loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length }
  })
  return lossCurveSvg({
    title,
    steps,
    evaluations: readLog(metricsPath, (value) => metricsLine.parse(value)),
  })
}
