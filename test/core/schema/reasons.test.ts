import { describe, expect, it } from 'vitest'
import { deviceProblem, deviceProblemTexts, readDeviceProblem } from '../../../core/schema/device-problems.js'
import { modelProblem, modelProblemTexts, readModelProblem } from '../../../core/schema/model-problems.js'
import { readRequestIssue, requestIssue, requestIssueTexts } from '../../../core/schema/request-issues.js'
import type { SentenceValues } from '../../../core/schema/sentences.js'

interface Table {
  readonly texts: Readonly<Record<string, string>>
  readonly say: (code: never, values: SentenceValues) => string
  readonly read: (text: string) => { readonly code: string; readonly values: SentenceValues } | null
}

const tables: Readonly<Record<string, Table>> = {
  device: { texts: deviceProblemTexts, say: deviceProblem, read: readDeviceProblem },
  model: { texts: modelProblemTexts, say: modelProblem, read: readModelProblem },
  settings: {
    texts: requestIssueTexts,
    say: (code, values) => requestIssue(code, values).message,
    read: readRequestIssue,
  },
}

const numbers = ['count', 'total', 'first', 'last', 'top', 'end', 'at']

/** Something awkward for every place of a sentence. */
function valuesFor(text: string): SentenceValues {
  const places = [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  return Object.fromEntries(places.map((name) => [name, numbers.includes(name) ? '12' : `a '${name}' b, c`]))
}

describe.each(Object.entries(tables))('what the engine says of a %s', (_, { texts, say, read }) => {
  it.each(Object.entries(texts))('%s is known again by its sentence', (code, text) => {
    const values = valuesFor(text)
    const said = say(code as never, values)
    expect(said).not.toMatch(/undefined/)
    expect(read(said)).toEqual({ code, values })
  })

  it('is nothing that others say', () => {
    expect(read('Failed to get a WebGPU adapter')).toBeNull()
  })
})
