import { describe, expect, it } from 'vitest'
import { findLanguages } from '../../../core/data/languages/find-languages.js'
import { LanguageSample } from '../../../core/data/languages/language-sample.js'

const english = 'I ordered a pair of shoes two weeks ago and they have not arrived yet.'
const others = {
  de: 'Ich habe vor zwei Wochen ein Paar Schuhe bestellt und sie sind noch nicht da.',
  fr: "J'ai commandé une paire de chaussures il y a deux semaines et rien n'est arrivé.",
  pl: 'Dwa tygodnie temu zamówiłem parę butów i jeszcze do mnie nie dotarły.',
  ru: 'Я заказал пару туфель две недели назад, и они до сих пор не пришли.',
  ja: '二週間前に靴を注文しましたが、まだ届いていません。',
  zh: '我两周前订了一双鞋,到现在还没有送到。',
} as const

describe('languages of rows', () => {
  it('are told apart, also within one writing system', async () => {
    const texts = [english, ...Object.values(others)]
    const { found, unsureRows } = await findLanguages(texts.map((text, index) => ({ line: index + 2, text })))
    const byLine = found.map(({ language, lines }) => [language, lines])
    expect(Object.fromEntries(byLine)).toEqual({
      en: [2],
      ...Object.fromEntries(Object.keys(others).map((language, index) => [language, [index + 3]])),
    })
    expect(unsureRows).toBe(0)
  })

  it('of a few rows among many are rare, those of half of them are not', async () => {
    const rows = Array.from({ length: 40 }, (_, row) => `${english} Number ${row}.`)
    const few = await findLanguages([...rows, others.de].map((text, index) => ({ line: index + 2, text })))
    expect(few.found).toMatchObject([
      { language: 'en', rows: 40, isRare: false },
      { language: 'de', rows: 1, lines: [42], isRare: true },
    ])
    const even = await findLanguages([english, others.de].map((text, line) => ({ line, text })))
    expect(even.found.map(({ isRare }) => isRare)).toEqual([false, false])
  })

  it('are not guessed from a few words, from numbers or from nothing', async () => {
    const texts = ['Thanks a lot', 'Mange tak', '1234 5678 9012 3456 7890 1234 5678 9012', '', '谢谢']
    const found = await findLanguages(texts.map((text, line) => ({ line, text })))
    expect(found).toEqual({ sampledRows: 5, unsureRows: 5, found: [] })
  })
})

describe('the sample that languages are told by', () => {
  it('holds every row of a small file and at most 10,000 of a large one, evenly spread', () => {
    const small = new LanguageSample()
    for (let line = 1; line <= 9_999; line++) small.add(line, 'x'.repeat(500))
    expect(small.rows()).toHaveLength(9_999)
    expect(small.rows()[0].text).toHaveLength(300)
    const large = new LanguageSample()
    for (let line = 1; line <= 100_000; line++) large.add(line, 'x')
    const lines = large.rows().map(({ line }) => line)
    expect(lines.length).toBeGreaterThanOrEqual(5_000)
    expect(lines.length).toBeLessThan(10_000)
    const gaps = new Set(lines.slice(1).map((line, index) => line - lines[index]))
    expect([...gaps]).toHaveLength(1)
    expect(lines.at(-1)).toBeGreaterThan(99_900)
  })
})
