import { indexRows, readIndexed } from '../../core/data/index/row-index.js'
import { forgetPeakMemory, measureMemory } from '../../core/memory/measure.js'
import { deriveSeed } from '../../core/random/derive-seed.js'
import { madeRow } from './make-rows.js'

/** What indexing a file took, in a process of its own. */
export interface IndexFigures {
  readonly rows: number
  readonly indexMs: number
  readonly peakBytes: number
  readonly samples: number
  /** Of one row anywhere in the file. */
  readonly sampleMs: number
}

const samples = 1000

/** Indexes a file of made rows and reads some anywhere in it. @throws Error where a row is another than was written */
export function indexFile(path: string): IndexFigures {
  forgetPeakMemory()
  const start = performance.now()
  const indexing = indexRows(path)
  let next = indexing.next()
  while (next.done !== true) next = indexing.next()
  const indexMs = performance.now() - start
  const index = next.value
  const sampling = performance.now()
  for (let each = 0; each < samples; each++) {
    const row = deriveSeed(each) % index.rowCount
    const [found] = readIndexed(index, row, 1)
    const text = found.kind === 'row' ? found.row.text?.() : undefined
    if (text !== madeRow(row)) throw new Error(`row ${row} is not the one that was written`)
  }
  const sampleMs = (performance.now() - sampling) / samples
  return { rows: index.rowCount, indexMs, peakBytes: measureMemory().peakBytes, samples, sampleMs }
}

const [, , path] = process.argv
process.stdout.write(`${JSON.stringify(indexFile(path))}\n`)
