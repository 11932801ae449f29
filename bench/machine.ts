import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

/** What a figure was measured on. */
export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryBytes: number
  readonly node: string
  readonly commit: string
  readonly date: string
}

/** Describes this machine and the state of the code. */
export function describeMachine(): Machine {
  const processors = cpus()
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    node: process.version,
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    date: new Date().toISOString().slice(0, 10),
  }
}

/** Middle and spread of repeated measurements. */
export interface Spread {
  readonly n: number
  readonly mean: number
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Sums up repeated measurements. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const median =
    sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2
  return {
    n: sorted.length,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    median,
    min: sorted[0],
    max: sorted[sorted.length - 1],
  }
}
