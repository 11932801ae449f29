import { appendFileSync, mkdtempSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckedLog, readLog, sampleLog } from '../../../core/training/checked-log.js'

const path = () => join(mkdtempSync(join(tmpdir(), 'zerotune-log-')), 'log.jsonl')
const asNumber = (value: unknown) => (value as { n: number }).n
const parse = (value: unknown) => ({ n: asNumber(value) })

function written(file: string, count: number): void {
  const log = new CheckedLog(file, parse)
  for (let n = 0; n < count; n++) log.append({ n })
  log.close()
}

describe('a checked log', () => {
  it('gives back what was appended, also after it is opened again', () => {
    const file = path()
    written(file, 3)
    const log = new CheckedLog(file, parse)
    log.append({ n: 3 })
    log.close()
    expect(readLog(file, asNumber)).toEqual([0, 1, 2, 3])
  })

  it('drops a torn last line wherever it was cut, and goes on after it', () => {
    const file = path()
    written(file, 5)
    const whole = readFileSync(file)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), (length) => {
        writeFileSync(file, whole)
        truncateSync(file, length)
        const log = new CheckedLog(file, parse)
        const kept = log.takeOpened().length
        log.append({ n: 99 })
        log.close()
        expect(readLog(file, asNumber)).toEqual([...[0, 1, 2, 3, 4].slice(0, kept), 99])
        expect(kept).toBe(whole.subarray(0, length).toString().split('\n').length - 1)
      }),
      { seed: 1, numRuns: 40 },
    )
  })

  it('refuses a line in the middle that does not match its checksum', () => {
    const file = path()
    written(file, 3)
    const bytes = readFileSync(file)
    bytes[12] ^= 1
    writeFileSync(file, bytes)
    expect(() => new CheckedLog(file, parse)).toThrow(/line 1 does not match its checksum/)
  })

  it('drops a last line of zeros, as a power cut may leave', () => {
    const file = path()
    written(file, 2)
    appendFileSync(file, Buffer.from([0, 0, 0, 10]))
    expect(new CheckedLog(file, parse).takeOpened()).toEqual([{ n: 0 }, { n: 1 }])
  })

  it('parses only evenly spread entries of a long log, and its last', () => {
    const file = path()
    written(file, 100)
    const parsed: number[] = []
    const sampled = sampleLog(file, (value) => parsed.push(asNumber(value)) && asNumber(value), 30)
    const every4 = Array.from({ length: 25 }, (_, index) => 4 * index + 3)
    expect(sampled).toEqual(every4)
    expect(parsed).toEqual(every4)
    expect(sampleLog(file, asNumber, 100)).toHaveLength(100)
    appendFileSync(file, 'torn')
    expect(sampleLog(file, asNumber, 12).at(-1)).toBe(99)
  })
})
