import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBytes, formatCount, formatDuration, formatShare } from '../../../core/cli/format.js'
import { nextSteps, quoted } from '../../../core/cli/next-steps.js'
import { layerRange, memorySize } from '../../../core/cli/option-values.js'
import { sideBySide, wrap } from '../../../core/cli/side-by-side.js'
import { programVersion } from '../../../core/schema/version.js'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

describe('what people read', () => {
  it('gives sizes, times, shares and counts in the usual units', () => {
    expect([999, 1000, 98_400_000, 2.5e9].map(formatBytes)).toEqual(['999 B', '1.0 kB', '98.4 MB', '2.5 GB'])
    expect([4200, 59_000, 185_000, 7_800_000].map(formatDuration)).toEqual([
      '4.2 s',
      '59 s',
      '3 min 5 s',
      '2 h 10 min',
    ])
    expect(formatShare(0.7867)).toBe('78.7 %')
    expect(formatCount(67_349)).toBe('67,349')
  })

  it('wraps text without losing a word or passing the width', () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 12 }))
    fc.assert(
      fc.property(words, fc.integer({ min: 12, max: 40 }), (list, width) => {
        const lines = wrap(list.join(' '), width)
        expect(lines.every((line) => line.length <= width)).toBe(true)
        expect(lines.join(' ').trim()).toBe(list.join(' '))
      }),
      { seed: 1 },
    )
  })

  it('sets two answers side by side', () => {
    expect(sideBySide(['before', 'one two'], ['after', 'three'], 25)).toEqual([
      'before        after',
      '------        -----',
      'one two       three',
    ])
  })

  it('quotes for a shell where needed, and shows the prompt of the training', () => {
    expect([quoted('runs/a-1.gguf'), quoted("it's")]).toEqual(['runs/a-1.gguf', String.raw`'it'\''s'`])
    const labels = nextSteps('gguf', 'a b.gguf', { version: 1, kind: 'labels', prompt: '{x} is' }).join('\n')
    expect(labels).toContain("generate 'a b.gguf' --raw --prompt '{x} is'")
    const chat = nextSteps('gguf', 'a.gguf', { version: 1, kind: 'chat', messages: 'messages' }).join('\n')
    expect(chat).toContain('zerotune chat a.gguf')
    expect(chat).not.toContain('TEMPLATE')
  })
})

describe('what people write', () => {
  it('reads layers and sizes, and refuses others', () => {
    expect([layerRange('15-29'), layerRange('3')]).toEqual([
      [15, 29],
      [3, 3],
    ])
    expect(['500MB', '2GB', '2 GiB', '123'].map(memorySize)).toEqual([5e8, 2e9, 2e9, 123])
    expect(() => layerRange('15..29')).toThrow(/such as 15-29/)
    expect(() => memorySize('much')).toThrow(/such as 500MB/)
  })
})

describe('the version', () => {
  it("is package.json's", () => {
    const text = readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')
    expect((JSON.parse(text) as { version: string }).version).toBe(programVersion)
  })
})
