import type { ComparedRow, Comparison } from '../../../electron/ipc/comparison.js'
import type { Answers } from './fake-host.js'

const reviews = [
  ['it ’s a charming and often affecting journey .', ' great'],
  ['unflinchingly bleak and desperate', ' terrible'],
  [
    'allows us to hope that nolan is poised to embark a major career as a commercial yet inventive filmmaker .',
    ' great',
  ],
  [
    'the acting , costumes , music , cinematography and sound are all astounding given the production ’s austere locales .',
    ' great',
  ],
  ['it ’s slow -- very , very slow .', ' terrible'],
  [
    'although laced with humor and a few fanciful touches , the film is a refreshingly serious look at young women .',
    ' great',
  ],
  ['a sometimes tedious film .', ' terrible'],
  ['or doing last year ’s taxes with your ex-wife .', ' terrible'],
  [
    '<img src=x onerror=alert(1)> you do n’t have to know about music to appreciate the film ’s easygoing blend of comedy and romance .',
    ' great',
  ],
] as const

const other = (label: string) => (label === ' great' ? ' terrible' : ' great')

function rowAt(index: number): ComparedRow {
  const [text, expected] = reviews[index % reviews.length] ?? ['', ' great']
  const change = index < 301 ? 'fixed' : index < 322 ? 'broken' : index < 736 ? 'still-right' : 'still-wrong'
  const isBaseRight = change === 'broken' || change === 'still-right'
  const isAdaptedRight = change === 'fixed' || change === 'still-right'
  return {
    line: ((index * 37) % 872) + 2,
    prompt: `${text} It was`,
    expected,
    baseLabel: isBaseRight ? expected : other(expected),
    adaptedLabel: isAdaptedRight ? expected : other(expected),
    baseLoss: isBaseRight ? 0.41 : 1.32 - index / 2000,
    adaptedLoss: isAdaptedRight ? 0.12 : 1.9,
    change,
  }
}

const rows = Array.from({ length: 872 }, (_, index) => rowAt(index))

export const fixedComparison: Comparison = {
  runId: 'sst2-smollm2',
  step: 375,
  rows: 872,
  lossPer: 'row',
  base: { loss: 0.6931, accuracy: 0.499, examples: 872, accuracyLow: 0.466, accuracyHigh: 0.532 },
  adapted: { loss: 0.3021, accuracy: 0.82, examples: 872, accuracyLow: 0.793, accuracyHigh: 0.844 },
  lossChange: { mean: -0.391, low: -0.424, high: -0.357 },
  accuracyChange: { mean: 0.321, low: 0.284, high: 0.358 },
  test: { kind: 'mcnemar', fixedCount: 301, brokenCount: 21, pValue: 1e-12 },
  lossTest: { kind: 'permutation', pValue: 0.0001 },
  confusion: {
    labels: [' terrible', ' great'],
    base: [
      [31, 397],
      [40, 404],
    ],
    adapted: [
      [341, 87],
      [70, 374],
    ],
  },
  counts: { fixed: 301, broken: 21, stillRight: 414, stillWrong: 136 },
}

/** A comparison that found nothing: ten rows, one fixed and one broken. */
export const emptyComparison: Comparison = {
  ...fixedComparison,
  rows: 120,
  adapted: { ...fixedComparison.base, loss: 0.6902 },
  lossChange: { mean: -0.0029, low: -0.011, high: 0.006 },
  accuracyChange: { mean: 0, low: -0.03, high: 0.03 },
  test: { kind: 'mcnemar', fixedCount: 3, brokenCount: 3, pValue: 1 },
  lossTest: { kind: 'permutation', pValue: 0.51 },
}

/** Answers about one compared run. */
export function fixedComparisonAnswers(comparison = fixedComparison): Answers {
  return {
    'compare.steps': () => ({ lastStep: 400, bestStep: 375, steps: 'any' }),
    'compare.evaluate': ({ step }) => ({ ...comparison, step: step ?? 375 }),
    'compare.rows': ({ only, offset, count }) => {
      const shown = rows.filter(
        ({ change }) =>
          only === 'all' ||
          change === only ||
          (only === 'changed' && (change === 'fixed' || change === 'broken')),
      )
      return { offset, total: shown.length, rows: shown.slice(offset, offset + count) }
    },
    'chat.describe': () => ({
      hasTemplate: true,
      prefersChat: false,
      examplePrompt: rows[0]?.prompt ?? '',
      contextLength: 2048,
    }),
    'chat.generate': () => ({
      base: {
        text: 'The film was released in 2005 and has been described as one of the most important films of its time. It was',
        tokenCount: 27,
        reason: 'length',
      },
      adapted: { text: ' great', tokenCount: 2, reason: 'end-token' },
    }),
    'chat.stop': () => null,
  }
}
