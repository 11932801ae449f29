import type { MetricChange } from '../evaluation/compare-metrics.js'
import { formatLoss, formatShare } from './format.js'
import type { MetricFigures } from './measure-subject.js'

/** Measures beside a report, as lines for people. */
export function metricLines({ macroF1, confusion, answers, changes }: MetricFigures): string[] {
  return [
    ...(macroF1 === undefined ? [] : [`macro F1 ${macroF1.toFixed(4)}`]),
    ...(confusion === undefined ? [] : confusionLines(confusion)),
    ...Object.entries(answers ?? {}).map(([name, value]) => `${titleOf(name)}: ${formatShare(value)}`),
    ...(changes === undefined ? [] : ['before and after training:', ...changes.map(changeLine)]),
  ]
}

const titles: Readonly<Record<string, string>> = {
  choice: 'right option, by mean log-probability',
  'exact-match': 'exact match of written answers',
  'token-f1': 'token F1 of written answers',
  'rouge-l': 'ROUGE-L of written answers',
  chrf: 'chrF2 of written answers',
}

function titleOf(name: string): string {
  return titles[name] ?? name
}

function confusionLines({ labels, rows }: NonNullable<MetricFigures['confusion']>): string[] {
  const width = Math.max(
    8,
    ...labels.map(({ length }) => length),
    ...rows.flat().map((count) => String(count).length),
  )
  const cell = (text: string): string => text.padStart(width)
  return [
    'rows by true label, columns by what was said:',
    [cell(''), ...labels.map(cell)].join(' '),
    ...rows.map((row, label) => [cell(labels[label]), ...row.map((count) => cell(String(count)))].join(' ')),
  ]
}

function changeLine({ metric, before, after, mean, low, high, isMeasurable, pValue }: MetricChange): string {
  const isLoss = metric === 'loss' || metric === 'perplexity'
  const shown = (value: number): string => (isLoss ? formatLoss(value) : formatShare(value))
  const signed = (value: number): string =>
    `${value > 0 ? '+' : ''}${isLoss ? formatLoss(value) : (100 * value).toFixed(1)}`
  const unit = isLoss ? '' : ' points'
  const interval = low === null || high === null ? '' : ` (95 % interval ${signed(low)} to ${signed(high)})`
  const chance = pValue === null ? '' : `, p ${pValue < 0.001 ? '< 0.001' : pValue.toFixed(3)}`
  const verdict = isMeasurable ? '' : ': no measurable difference'
  return `  ${titleOf(metric)}: ${shown(before)} -> ${shown(after)}, ${signed(mean)}${unit}${interval}${chance}${verdict}`
}
