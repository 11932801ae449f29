import type { RowOddity } from './row-selection.js'

/** Each oddity as the end of “left out 3 rows …”. */
export const oddityText = {
  repeated: 'that repeat another',
  'nearly-repeated': 'that are almost the same as another',
  contradicted: 'whose prompt also has another answer',
  'held-out': 'whose prompt is also held out',
  'nearly-held-out': 'that are almost the same as a held-out one',
  'empty-answer': 'with nothing to learn',
  'empty-field': 'with an empty column in the prompt',
  'lost-characters': 'with characters that were lost (U+FFFD)',
  'control-characters': 'with control characters',
  'misread-characters': 'with characters read in a wrong encoding',
  'answer-in-prompt': 'whose answer stands in the prompt',
} as const satisfies Record<RowOddity, string>

/** Every sentence about how rows were read, with places for what differs. The sentence itself is what is kept and printed. */
const otherTexts = {
  'header-missing': 'the first row is taken for data, not for a header; its columns are {list}',
  'header-repeated': "the header has '{name}' more than once; column {column} is called '{own}'",
  'column-renamed': "{file} has no column '{name}'; using '{own}' in its place",
  'not-utf-8': '{file} is not UTF-8; it is read as Windows-1252 (Latin-1)',
  'rows-set-aside': 'no dev file: {count} rows of {file} are set aside for evaluation',
  'rows-untouched': '{count} rows are set aside that the run never looks at',
  'rows-corrected': '{count} rows are read as they were corrected, not as the file has them',
  'rows-filtered': '{count} rows do not meet the filters',
  'rows-unsampled': '{count} rows are left by balancing or sampling',
  'rows-as-shots': '{count} training rows stand in front of every prompt and are not trained on',
  'dev-also-trained':
    '{count} dev rows are also trained on (dev line {dev} is training line {train}); their figures say less',
  'bad-rows-left-out': '{file}: left out {count} bad rows, the first: {problem}',
  'labels-long':
    '{count} of {total} label words have several tokens: {list}; each row takes {total} forward passes instead of 1, which words of one token would save',
  'trained-on-score': 'trained on a score ({score}): what is called loss here is 1 minus it',
  'labels-respelled': 'labels are read in another spelling, which is one token each: {list}',
} as const

type LeftOut = `left-out-${RowOddity}`
export type NoticeCode = keyof typeof otherTexts | LeftOut
export type NoticeValues = Readonly<Record<string, string | number>>

const leftOutTexts = Object.fromEntries(
  Object.entries(oddityText).map(([oddity, text]) => [
    `left-out-${oddity}`,
    `left out of training: {count} rows ${text}`,
  ]),
) as Record<LeftOut, string>

/** The sentences by their codes. */
export const noticeTexts: Readonly<Record<NoticeCode, string>> = { ...otherTexts, ...leftOutTexts }

/** A notice in English. */
export function notice(code: NoticeCode, values: NoticeValues): string {
  return noticeTexts[code].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]))
}

/** Which notice a sentence is, with what it says, so that a host can say it in another language; null where it is none. */
export function readNotice(text: string): { code: NoticeCode; values: NoticeValues } | null {
  for (const [code, pattern] of patterns) {
    const found = pattern.exec(text)
    if (found !== null) return { code, values: { ...found.groups } }
  }
  return null
}

const numbers: ReadonlySet<string> = new Set(['count', 'total', 'column', 'dev', 'train'])

/** Matches a sentence and names what stands in its places. */
function patternOf(template: string): RegExp {
  const seen = new Set<string>()
  const source = template.split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1]
    if (name === undefined) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    if (seen.has(name)) return String.raw`\k<${name}>`
    seen.add(name)
    return `(?<${name}>${numbers.has(name) ? String.raw`\d+` : '.*?'})`
  })
  return new RegExp(`^${source.join('')}$`, 's')
}

const patterns = (Object.entries(noticeTexts) as [NoticeCode, string][]).map(
  ([code, template]) => [code, patternOf(template)] as const,
)
