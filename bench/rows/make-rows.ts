import { closeSync, openSync, writeSync } from 'node:fs'
import { deriveSeed } from '../../core/random/derive-seed.js'

const seed = 9
const words =
  'river stone walks under seven bright lamps while old trains carry salt to quiet towns by night and back'.split(
    ' ',
  )
const meanWords = 170
const flushBytes = 8 * 1024 * 1024

/** A row of the file, a pure function of its number: about a kilobyte, of lengths that differ. */
export function madeRow(row: number): string {
  let state = deriveSeed(seed, row)
  const count = meanWords / 2 + (state % meanWords)
  const text: string[] = []
  for (let word = 0; word < count; word++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    text.push(words[(state >>> 16) % words.length])
  }
  return JSON.stringify({ id: row, text: text.join(' '), label: row % 2 })
}

/** Writes rows as JSON Lines until the file has `byteLength` bytes. Returns how many there are. */
export function makeRows(path: string, byteLength: number): number {
  const file = openSync(path, 'wx')
  try {
    let rows = 0
    let written = 0
    let lines: string[] = []
    let waiting = 0
    const flush = (): void => {
      written += writeSync(file, lines.join(''))
      lines = []
      waiting = 0
    }
    while (written + waiting < byteLength) {
      const line = `${madeRow(rows++)}\n`
      lines.push(line)
      waiting += line.length
      if (waiting >= flushBytes) flush()
    }
    flush()
    return rows
  } finally {
    closeSync(file)
  }
}
