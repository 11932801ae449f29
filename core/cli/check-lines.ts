import type { DataCheck, RenderedExample } from '../training/check-data.js'
import { oddityText } from '../schema/notices.js'
import type { MeasuredPass } from '../training/measure-pass.js'
import { badRowLines } from './bad-row-lines.js'
import { formatCount, formatDuration, formatShare } from './format.js'
import { visibleText } from './visible-text.js'

const histogramBins = 10
const barWidth = 40
const namedLines = 8

/** How a check is shown. */
export interface CheckView {
  /** What lengths are counted in: characters where there is no model. */
  readonly unit: 'tokens' | 'characters'
  /** Null where it was not measured. */
  readonly pass: MeasuredPass | null
  /** Rows of more tokens could not be used; null for the model's context. */
  readonly maximumTokens: number | null
  /** Marks what is trained on by colour; otherwise by brackets. */
  readonly hasColour: boolean
}

/** What a check of rows found, as lines for people. */
export function checkLines(check: DataCheck, view: CheckView): string[] {
  const { unit, pass, maximumTokens, hasColour } = view
  const reader = unit === 'tokens' ? 'what the model reads' : 'what a model is to read'
  return [
    '',
    `${formatCount(check.trainRows)} rows to train on, ${formatCount(check.devRows)} held out`,
    ...check.notices.map((notice) => `note: ${notice}`),
    '',
    `${reader}; ${hasColour ? 'in colour' : 'in [brackets]'} what it learns to write:`,
    ...check.examples.flatMap((example) => exampleLines(example, view)),
    '',
    ...lengthLines(check, unit, maximumTokens),
    ...labelLines(check, unit),
    ...tallyLines('rows by writing system', check.scripts),
    ...languageLines(check),
    ...tallyLines('rows by source', check.sources),
    ...costLines(check, unit, pass),
    '',
    ...findingLines(check),
  ]
}

function exampleLines(
  { line, spans, tokenCount, trainedCount }: RenderedExample,
  { unit, hasColour }: CheckView,
): string[] {
  const mark = (text: string): string => (hasColour ? `\u001b[1;32m${text}\u001b[0m` : `[${text}]`)
  const text = spans
    .map((span) => (span.isTrained ? mark(visibleText(span.text)) : visibleText(span.text)))
    .join('')
  return [
    `  line ${line}, ${trainedCount} of ${tokenCount} ${unit}:`,
    ...text.split('\n').map((each) => `    ${each}`),
  ]
}

/** Training rows of more tokens than a maximum. */
export function rowsBeyond({ tokenLengths }: DataCheck, maximum: number): number {
  return tokenLengths.reduce((sum, { tokens, rows }) => (tokens > maximum ? sum + rows : sum), 0)
}

/** A bar for each range of lengths. */
function lengthLines(check: DataCheck, unit: CheckView['unit'], maximumTokens: number | null): string[] {
  const { tokenLengths, medianTokens, longestTokens, contextLength } = check
  const shortest = tokenLengths.at(0)?.tokens ?? 0
  const width = Math.max(1, Math.ceil((longestTokens - shortest + 1) / histogramBins))
  const bins = Array.from({ length: Math.ceil((longestTokens - shortest + 1) / width) }, (_, bin) => {
    const low = shortest + bin * width
    const rows = tokenLengths
      .filter(({ tokens }) => tokens >= low && tokens < low + width)
      .reduce((sum, each) => sum + each.rows, 0)
    return { range: `${low}-${low + width - 1}`, rows }
  })
  const most = Math.max(...bins.map(({ rows }) => rows), 1)
  const context = Number.isFinite(contextLength) ? `; the model reads ${formatCount(contextLength)}` : ''
  const long = maximumTokens === null ? 0 : rowsBeyond(check, maximumTokens)
  return [
    `length in ${unit}: half have ${medianTokens} or fewer, the longest ${longestTokens}${context}`,
    ...bins.map(({ range, rows }) => {
      const bar = '#'.repeat(Math.ceil((barWidth * rows) / most))
      return `  ${range.padStart(11)}  ${bar.padEnd(barWidth)}  ${formatCount(rows)}`
    }),
    ...(long > 0
      ? [`  ${formatCount(long)} rows are longer than ${maximumTokens} tokens and would be left out`]
      : []),
  ]
}

function labelLines({ labels, trainRows }: DataCheck, unit: CheckView['unit']): string[] {
  if (labels.length === 0) return []
  const width = Math.max(...labels.map(({ name }) => name.length))
  return [
    'labels:',
    ...labels.map(({ name, text, trainCount, devCount }) => {
      const share = formatShare(trainCount / Math.max(1, trainRows))
      const word = unit === 'tokens' ? `, read as ${JSON.stringify(text)}` : ''
      return `  ${name.padEnd(width)}  ${formatCount(trainCount)} (${share}), held out ${formatCount(devCount)}${word}`
    }),
  ]
}

function tallyLines(
  title: string,
  tally: readonly { readonly name: string; readonly rows: number }[],
): string[] {
  if (tally.length === 0) return []
  const list = tally.slice(0, namedLines).map(({ name, rows }) => `${name || '(empty)'} ${formatCount(rows)}`)
  return [`${title}: ${list.join(', ')}${tally.length > namedLines ? ', …' : ''}`]
}

/** Languages of the prompts, and the rows of those that are rare among them. */
function languageLines({ languages: { found, sampledRows, unsureRows }, scripts }: DataCheck): string[] {
  const allRows = scripts.reduce((sum, { rows }) => sum + rows, 0)
  if (found.length === 0) return []
  const names = new Intl.DisplayNames(['en'], { type: 'language' })
  const nameOf = (language: string): string => names.of(language) ?? language
  const list = found
    .slice(0, namedLines)
    .map(({ language, rows }) => `${nameOf(language)} ${formatCount(rows)}`)
  const unsure = unsureRows > 0 ? `, too short to be sure ${formatCount(unsureRows)}` : ''
  const sampled = sampledRows < allRows ? ` (of ${formatCount(sampledRows)} evenly spread rows)` : ''
  return [
    `rows by language${sampled}: ${list.join(', ')}${found.length > namedLines ? ', …' : ''}${unsure}`,
    ...found
      .filter(({ isRare }) => isRare)
      .slice(0, namedLines)
      .map(({ language, rows, lines }) => {
        const more = rows > namedLines ? ', …' : ''
        const advice = rows <= namedLines ? `; leave them out with --leave-out-lines ${lines.join(',')}` : ''
        return `note: rows in ${nameOf(language)} are rare here: lines ${lines.slice(0, namedLines).join(', ')}${more}${advice}`
      }),
  ]
}

function costLines(check: DataCheck, unit: CheckView['unit'], pass: MeasuredPass | null): string[] {
  const { passTokens, learnedTokens, tokenLengths } = check
  if (unit === 'characters') {
    const all = tokenLengths.reduce((sum, { tokens, rows }) => sum + tokens * rows, 0)
    return [`the training rows together: ${formatCount(all)} characters`]
  }
  const tokens = `one pass over the training rows: ${formatCount(passTokens)} tokens, ${formatCount(learnedTokens)} of them learned`
  if (pass === null) return [tokens]
  return [
    `${tokens}; about ${formatDuration(pass.totalMs)} forward on this machine (from ${pass.measuredRows} rows in ${formatDuration(pass.measuredMs)})`,
  ]
}

function findingLines({ findings, badRowCount, badRows }: DataCheck): string[] {
  const bad =
    badRowCount === 0
      ? []
      : [
          `${formatCount(badRowCount)} rows cannot be used (leave out with --skip-bad-rows, or edit with --correct 'LINE=the whole row'):`,
          ...badRows.slice(0, namedLines).flatMap((row) => badRowLines(row, row.isDev)),
        ]
  if (bad.length === 0 && findings.length === 0) return ['nothing odd was found']
  return [
    ...bad,
    ...findings.map(({ oddity, count, lines, otherLines, isLeftOut }) => {
      const named = lines.slice(0, namedLines).map((line, at) => {
        const other = otherLines.at(at)
        return other === undefined ? String(line) : `${line} (${other})`
      })
      const more = count > named.length ? ', …' : ''
      const what = isLeftOut ? 'left out' : `leave out with --leave-out ${oddity}`
      return `${formatCount(count)} rows ${oddityText[oddity]}: lines ${named.join(', ')}${more}; ${what}`
    }),
  ]
}
