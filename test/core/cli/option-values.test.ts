import { describe, expect, it } from 'vitest'
import { escapedText } from '../../../core/cli/option-values.js'

describe('text from the command line', () => {
  it.each([
    [String.raw`{text}\nLabel:`, '{text}\nLabel:'],
    [String.raw`a\tb`, 'a\tb'],
    [String.raw`C:\\new`, String.raw`C:\new`],
    [String.raw`\\\n`, '\\\n'],
    [String.raw`\d \ and \\`, String.raw`\d \ and ` + '\\'],
    ['two\nlines', 'two\nlines'],
  ])('reads %s', (typed, meant) => {
    expect(escapedText(typed)).toBe(meant)
  })
})
