import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command-line.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

interface Figures {
  readonly accuracy: number
  readonly ci95: readonly [number, number]
}

describe('zerotune demo', () => {
  it('gains 25 points from near chance, and its exports are as good', async () => {
    const out = join(temporaryFolder(), 'demo')
    const started = performance.now()
    const outcome = await runCommand('demo', '--out', out, '--json')
    expect(outcome).toMatchObject({ status: 0, errors: '' })
    const lines = outcome.json()
    const { before, after, rows } = find<{ before: Figures; after: Figures; rows: unknown[] }>(lines, 'rows')
    expect(before.accuracy).toBeLessThan(0.35)
    expect(after.accuracy).toBeGreaterThan(before.accuracy + 0.25)
    expect(after.ci95[0]).toBeGreaterThan(before.ci95[1])
    expect(rows).toHaveLength(5)
    const exports = lines.filter((line): line is { rounding: { before: Figures; after: Figures } } =>
      Object.hasOwn(line as object, 'rounding'),
    )
    expect(exports).toHaveLength(2)
    for (const { rounding } of exports) {
      expect(Math.abs(rounding.after.accuracy - rounding.before.accuracy)).toBeLessThan(0.01)
    }
    expect(readFileSync(join(out, '1', 'loss-curve.svg'), 'utf8')).toContain('</svg>')
    // Two minutes are promised on two free cores; here others may be at work.
    expect(performance.now() - started).toBeLessThan(300_000)
  })
})

function find<T>(lines: readonly unknown[], key: keyof T): T {
  return lines.find((line) => Object.hasOwn(line as object, key)) as T
}
