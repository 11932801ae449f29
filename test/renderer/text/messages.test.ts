import { describe, expect, it } from 'vitest'
import { errorDetails } from '../../../core/schema/errors.js'
import { loadMessages, locales } from '../../../renderer/src/text/locales.js'

/** Every sentence of a tree by its path. */
function sentences(tree: object, path: readonly string[] = []): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
      typeof value === 'string'
        ? [[[...path, key].join('.'), value] as const]
        : [...sentences(value as object, [...path, key])],
    ),
  )
}

const places = (sentence: string) => [...new Set(sentence.match(/\{[^{}]+\}/g) ?? [])].toSorted()
const forms = (sentence: string) => sentence.split(' | ').length

describe('the words of the app', async () => {
  const english = sentences(await loadMessages('en'))

  it.each(locales)('has the same sentences in %s', async (locale) => {
    const own = sentences(await loadMessages(locale))
    expect([...own.keys()].toSorted()).toEqual([...english.keys()].toSorted())
  })

  it.each(locales)('has the same places to fill in, and as many plural forms, in %s', async (locale) => {
    const own = sentences(await loadMessages(locale))
    const differing = [...english].filter(([key, sentence]) => {
      const translated = own.get(key) ?? ''
      return places(sentence).join() !== places(translated).join() || forms(sentence) !== forms(translated)
    })
    expect(differing).toEqual([])
  })

  it.each(locales)('leaves nothing empty in %s but where there is nothing to say', async (locale) => {
    const own = sentences(await loadMessages(locale))
    const empty = [...own].filter(([, sentence]) => sentence.trim() === '').map(([key]) => key)
    const silent = ['progress.activity.none', 'shell.connection.connected.next']
    expect(empty.filter((key) => !silent.includes(key))).toEqual([])
  })

  it('names only details that the failure has', () => {
    const unknown = Object.entries(errorDetails).flatMap(([code, details]) => {
      const known = Object.keys(details.shape)
      const used = ['what', 'next'].flatMap((part) => places(english.get(`errors.${code}.${part}`) ?? ''))
      return used.filter((place) => !known.includes(place.slice(1, -1))).map((place) => `${code}: ${place}`)
    })
    expect(unknown).toEqual([])
  })
})
