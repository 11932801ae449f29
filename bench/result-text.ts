import { existsSync, readFileSync } from 'node:fs'
import type { Machine, Spread } from './machine.js'

const end = '<!-- end of bench table -->'

/**
 * A page with `table` between the marks of that name.
 *
 * @throws Error where it has no such marks
 */
export function withTable(page: string, table: string, name = ''): string {
  const begin = `<!-- bench table${name === '' ? '' : ` ${name}`}: written by npm run bench -->`
  const from = page.indexOf(begin)
  const to = page.indexOf(end, from)
  if (from === -1 || to === -1) throw new Error(`the page has no marks for the bench table ${name}`)
  return `${page.slice(0, from + begin.length)}\n${table}\n${page.slice(to)}`
}

/** What a result file holds; null where there is none. */
export function readResult(path: string): unknown {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null
}

/** A result with what it was measured on. */
export interface Measured {
  readonly machine: Machine
}

/** A row of a table. */
export function row(...cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`
}

/** The middle of ratios, and their extremes. */
export function around({ median, min, max }: Spread): string {
  return `${median.toFixed(2)} (${min.toFixed(2)}-${max.toFixed(2)})`
}

/** Mean and extremes. */
export function range(spread: Spread, format: (value: number) => string): string {
  return `${format(spread.mean)} (${format(spread.min)}-${format(spread.max)})`
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}

export function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`
}

/** A share with one digit after the point. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

/** Where and on what code a figure was measured. */
export function measuredOn({ processor, cores, node, commit, date }: Machine): string {
  return `${processor}, ${cores} cores, Node ${node}, ${date}, ${commit}`
}
