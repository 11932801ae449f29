import { execFileSync } from 'node:child_process'
import { forgetPeakMemory, measureMemory } from '../../core/memory/measure.js'

/** What writing a model in another type took, in a process of its own. */
export interface ConversionFigures {
  readonly byteLength: number
  /** Of the processor, whatever ran beside: written, read back and compared. */
  readonly seconds: number
  readonly peakBytes: number
}

/** Writes a model and prints what that took: all that a program of its own does. */
export async function printFigures(write: () => Promise<{ readonly byteLength: number }>): Promise<void> {
  forgetPeakMemory()
  const before = process.cpuUsage()
  const { byteLength } = await write()
  const { user, system } = process.cpuUsage(before)
  const seconds = (user + system) / 1e6
  const figures: ConversionFigures = { byteLength, seconds, peakBytes: measureMemory().peakBytes }
  process.stdout.write(`${JSON.stringify(figures)}\n`)
}

/** What such a program prints. */
export function figuresOf(program: readonly string[]): ConversionFigures {
  return JSON.parse(execFileSync(process.execPath, program, { encoding: 'utf8' })) as ConversionFigures
}
