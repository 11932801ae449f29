import type { RowOddity } from '../schema/row-selection.js'

/** What can be seen of a row alone, without the others. In the order of their bits. */
export const markedOddities = [
  'empty-answer',
  'empty-field',
  'lost-characters',
  'control-characters',
  'misread-characters',
  'answer-in-prompt',
] as const satisfies readonly RowOddity[]

/** The bit of an oddity in a row's marks; 0 where it is none of a row alone. */
export function markOf(oddity: RowOddity): number {
  const bit = (markedOddities as readonly RowOddity[]).indexOf(oddity)
  return bit < 0 ? 0 : 1 << bit
}

/** Short answers stand in a prompt by chance. */
const shortestFound = 3
/** UTF-8 that was read as Windows-1252: a lead byte as a letter, a continuation byte as a symbol. */
const misread =
  /[\u00c2\u00c3][\u0080-\u00bf\u20ac\u201a-\u2122]|\u00e2\u20ac[\u0080-\u00bf\u02dc\u2013-\u2122]|\u00f0\u0178/

/**
 * The marks of a row.
 *
 * @param fields values of the columns that its prompt is made of
 * @param answer what it should say; null where there is nothing of the kind, as in running text
 */
export function rowMarks(fields: readonly string[], answer: string | null): number {
  const texts = answer === null ? fields : [...fields, answer]
  const has = (pattern: RegExp): boolean => texts.some((text) => pattern.test(text))
  const found: Readonly<Record<(typeof markedOddities)[number], boolean>> = {
    'empty-answer': answer?.trim() === '',
    'empty-field': fields.some((field) => field.trim() === ''),
    'lost-characters': texts.some((text) => text.includes('\ufffd')),
    'control-characters': texts.some(hasControls),
    'misread-characters': has(misread),
    'answer-in-prompt': answer !== null && fields.some((field) => contains(field, answer.trim())),
  }
  return markedOddities.reduce((marks, name) => (found[name] ? marks | markOf(name) : marks), 0)
}

/** Controls but tab and line breaks; also a byte order mark that stands inside a text. */
function hasControls(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const isPlain = code >= 0x20 && code < 0x7f
    const isBreak = code >= 0x09 && code <= 0x0d && code !== 0x0b && code !== 0x0c
    if (isPlain || isBreak || (code > 0x9f && code < 0xfeff)) continue
    if (code <= 0x9f || code === 0xfeff || code >= 0xfffe) return true
  }
  return false
}

/** True where the words of `part` stand in `text`, whatever their case. */
function contains(text: string, part: string): boolean {
  if (part.length < shortestFound) return false
  const [inside, wanted] = [text.toLowerCase(), part.toLowerCase()]
  const isWord = (character: string): boolean => /[\p{L}\p{N}]/u.test(character)
  for (let at = inside.indexOf(wanted); at >= 0; at = inside.indexOf(wanted, at + 1)) {
    const before = inside.charAt(at - 1)
    const after = inside.charAt(at + wanted.length)
    if (!isWord(before) && !isWord(after)) return true
  }
  return false
}
