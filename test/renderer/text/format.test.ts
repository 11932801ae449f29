import { describe, expect, it } from 'vitest'
import { createFormat } from '../../../renderer/src/text/format.js'

/** Languages differ in the kind of space they use; tests compare what a person reads. */
const read = (text: string) => text.replaceAll(/\s/g, ' ')

describe('numbers in English and German', () => {
  const english = createFormat('en')
  const german = createFormat('de')

  it.each([
    [0, '0 byte', '0 Byte'],
    [999, '999 byte', '999 Byte'],
    [98_362_432, '98.4 MB', '98,4 MB'],
    [839_712, '840 kB', '840 kB'],
    [24e9, '24.0 GB', '24,0 GB'],
    [3e15, '3,000 TB', '3.000 TB'],
  ])('writes %d bytes as %s', (bytes, inEnglish, inGerman) => {
    expect(read(english.bytes(bytes))).toBe(inEnglish)
    expect(read(german.bytes(bytes))).toBe(inGerman)
  })

  it.each([
    [4200, '4.2 sec', '4,2 Sek.'],
    [9960, '10 sec', '10 Sek.'],
    [185_000, '3 min 5 sec', '3 Min. 5 Sek.'],
    [3_599_600, '1 hr 0 min', '1 Std. 0 Min.'],
    [7_800_000, '2 hr 10 min', '2 Std. 10 Min.'],
  ])('writes %d ms as %s', (ms, inEnglish, inGerman) => {
    expect(read(english.duration(ms))).toBe(inEnglish)
    expect(read(german.duration(ms))).toBe(inGerman)
  })

  it('groups, rounds and joins as each language does', () => {
    expect(english.count(67_349)).toBe('67,349')
    expect(german.count(67_349)).toBe('67.349')
    expect(read(english.percent(0.7871))).toBe('78.7%')
    expect(read(german.percent(0.7871))).toBe('78,7 %')
    expect(english.decimal(0.35, 4)).toBe('0.3500')
    expect(german.list(['a', 'b', 'c'])).toBe('a, b und c')
  })
})
