import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic, type CurvePoint, type RunFolder } from '../../core/index.js'
import { count } from '../ipc/names.js'
import { mostHistoryPoints, stepPoint } from '../ipc/runs.js'

/** Steps of a long journal that a curve is made of: a few for each point, so that what is smooth stays so. */
export const mostSampledSteps = 8 * mostHistoryPoints

const curveVersion = 1
const file = 'curve.json'

const savedCurve = z.strictObject({
  version: z.literal(curveVersion),
  /** Steps of the journal that it sums up; with more there, it is out of date. */
  steps: count,
  points: z.array(stepPoint).max(mostHistoryPoints + 1),
})

/** Keeps the thinned curve beside its journal, so that a long run opens without reading all of it. */
export function saveCurve({ path }: RunFolder, steps: number, points: readonly CurvePoint[]): void {
  writeFileAtomic(join(path, file), `${JSON.stringify({ version: curveVersion, steps, points })}\n`)
}

/** The kept curve, or null where there is none of exactly so many steps: the journal is what counts. */
export function readCurve({ path }: RunFolder, steps: number): CurvePoint[] | null {
  if (!existsSync(join(path, file))) return null
  try {
    const saved = savedCurve.parse(JSON.parse(readFileSync(join(path, file), 'utf8')))
    return saved.steps === steps ? saved.points : null
  } catch {
    return null
  }
}
