import type { RowOddity } from './row-selection.js'
import { sentences } from './sentences.js'

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
  'rows-named': 'left out of training: {count} rows that were named by their lines',
  'rows-unsampled': '{count} rows are left by balancing or sampling',
  'rows-as-shots': '{count} training rows stand in front of every prompt and are not trained on',
  'dev-also-trained':
    '{count} dev rows are also trained on (dev line {dev} is training line {train}); their figures say less',
  'bad-rows-left-out': '{file}: left out {count} bad rows, the first: {problem}',
  'labels-long':
    '{count} of {total} label words have several tokens: {list}; each row takes {total} forward passes instead of 1, which words of one token would save',
  'layers-by-probing':
    'probing chose the layers from {first} up: they keep {percent} % of what a step gains over the best upper layers',
  'trained-on-score': 'trained on a score ({score}): what is called loss here is 1 minus it',
  'labels-respelled': 'labels are read in another spelling, which is one token each: {list}',
} as const

type LeftOut = `left-out-${RowOddity}`
export type NoticeCode = keyof typeof otherTexts | LeftOut

const leftOutTexts = Object.fromEntries(
  Object.entries(oddityText).map(([oddity, text]) => [
    `left-out-${oddity}`,
    `left out of training: {count} rows ${text}`,
  ]),
) as Record<LeftOut, string>

const numbers: ReadonlySet<string> = new Set(['count', 'total', 'column', 'dev', 'train', 'first', 'percent'])
const table = sentences<NoticeCode>({ ...otherTexts, ...leftOutTexts }, numbers)

/** The sentences by their codes. */
export const noticeTexts = table.texts
/** A notice in English. */
export const notice = table.say
/** Which notice a sentence is; null where it is none. */
export const readNotice = table.read
