import { afterEach, describe, expect, it } from 'vitest'
import { openScoreFunction, type ScoreFunction } from '../../../core/evaluation/score-function.js'

/** For an answer: short, so that endless ones end soon. */
const seconds = 0.2
const opened: ScoreFunction[] = []
afterEach(() => {
  for (const each of opened.splice(0)) each.close()
})

async function open(source: string): Promise<ScoreFunction> {
  const found = await openScoreFunction(source, seconds)
  opened.push(found)
  return found
}

/** What comes out of a function body for one answer. */
async function score(body: string, written = 'an answer', right = 'the answer'): Promise<number> {
  const { scoreOf } = await open(`function score(written, right) { ${body} }`)
  return scoreOf(written, [right])
}

describe('a scoring function', () => {
  it('is given what was written and what is right, whatever characters they hold', async () => {
    const odd = 'quotes " \' ` \\ ${x} \u2028 😀'
    expect(await score('return written === right ? 1 : 0', odd, odd)).toBe(1)
    expect(await score('return right.split(" ").filter((word) => written.includes(word)).length / 4')).toBe(
      0.25,
    )
  })

  it('keeps what it defines between answers', async () => {
    const { scoreOf } = await open(
      'const words = new Set(["yes"]); function score(w) { return +words.has(w) }',
    )
    expect([scoreOf('yes', ['']), scoreOf('no', [''])]).toEqual([1, 0])
  })

  it.each([
    'require',
    'process',
    'fetch',
    'setTimeout',
    'XMLHttpRequest',
    'Date',
    'performance',
    'std',
    'os',
    'WebAssembly',
  ])('knows no %s', async (name) => {
    expect(await score(`return typeof ${name} === 'undefined' ? 1 : 0`)).toBe(1)
  })

  it('loads no modules and draws no numbers by chance', async () => {
    expect(await score('return Math.random === undefined ? 1 : 0')).toBe(1)
    await expect(open('import fs from "fs"; function score() { return 1 }')).rejects.toMatchObject({
      code: 'request-invalid',
    })
  })

  it.each([
    ['while (true);', 'the scoring function took more than 0.2 s'],
    ['return "x".repeat(5e7).length', 'the scoring function needed more than 32 MB'],
    ['return score(written, right)', 'the scoring function fails in line 1: InternalError: stack overflow'],
    ['throw new Error("no")', 'the scoring function fails in line 1: Error: no'],
    ['return 2', 'expected a number from 0 to 1 of the scoring function, found 2'],
    ['return NaN', 'expected a number from 0 to 1 of the scoring function, found NaN'],
    ['return "1"', 'expected a number from 0 to 1 of the scoring function, found "1"'],
    ['', 'expected a number from 0 to 1 of the scoring function, found undefined'],
  ])('ends a run that it cannot score: %s', async (body, message) => {
    await expect(score(body)).rejects.toMatchObject({ code: 'request-invalid', message })
  })

  it('says where it cannot be read', async () => {
    await expect(open('function score(written) {\n  return written +\n}')).rejects.toThrow(
      /the scoring function fails in line 3: SyntaxError/,
    )
    await expect(open('const points = 1')).rejects.toThrow(
      "define 'function score(written, right)', found undefined",
    )
    await expect(open('while (true);')).rejects.toThrow('took more than 0.2 s')
  })
})
