import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadDataset } from '../../../core/data/load-dataset.js'
import { readTask } from '../../../core/data/read-task.js'
import { tokenSpans } from '../../../core/data/token-spans.js'
import { findTask } from '../../../core/hub/named-task.js'
import { requireText } from '../../../core/schema/task.js'
import { byteTokenizer } from '../../support/byte-tokenizer.js'
import { caughtError } from '../../support/caught-error.js'
import { dataFile } from '../../support/data-file.js'

const tokenizer = byteTokenizer()
const folder = resolve(import.meta.dirname, '../../../resources/tasks/mezo')
/** Each row as the model meets it, what is learned in brackets. Rows are of our own making, in the fields of the public sets. */
const shown = (name: string, ...rows: readonly Record<string, unknown>[]) => {
  const path = dataFile(`${name}.jsonl`, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const task = requireText(readTask(findTask(`mezo/${name}`)))
  const { dataset } = loadDataset({ path, task, tokenizer, contextLength: 2000, purpose: 'evaluate' })
  return dataset.examples.map((example) =>
    tokenSpans(example, dataset.objective, tokenizer)
      .map(({ text, isTrained }) => (isTrained ? `[${text}]` : text))
      .join(''),
  )
}

describe('the tasks of MeZO', () => {
  it.each([
    ['sst2', { sentence: 'warm and wise ', label: 1 }, 'warm and wise It was[ great]'],
    [
      'rte',
      { premise: 'A dog ran.', hypothesis: 'An animal ran.', label: 'entailment' },
      'A dog ran.\nDoes this mean that "An animal ran." is true? Yes or No?\n[Yes]',
    ],
    [
      'cb',
      { premise: 'It may rain.', hypothesis: 'it rains', label: 2 },
      'Suppose It may rain. Can we infer that "it rains"? Yes, No, or Maybe?\n[Maybe]',
    ],
    [
      'boolq',
      { passage: 'Ice is cold.', question: 'is ice cold', label: true },
      'Ice is cold. Is ice cold?\n[Yes]',
    ],
    [
      'wic',
      { word: 'bank', sentence1: 'A river bank.', sentence2: 'A bank loan.', label: 0 },
      'Does the word "bank" have the same meaning in these two sentences? Yes, No?\nA river bank.\nA bank loan.\n[No]',
    ],
    [
      'wsc',
      { text: 'Ann met Bea. She smiled.', target: { span1_text: 'Ann', span2_text: 'She' }, label: false },
      'Ann met Bea. She smiled.\nIn the previous sentence, does the pronoun "she" refer to Ann? Yes or No?\n[No]',
    ],
    [
      'wsc',
      { text: 'Ann met Bea. She smiled.', span1_text: 'Bea', span2_text: 'She', label: 1 },
      'Ann met Bea. She smiled.\nIn the previous sentence, does the pronoun "she" refer to Bea? Yes or No?\n[Yes]',
    ],
    [
      'copa',
      { premise: 'The cup fell. ', choice1: 'It broke.', choice2: 'I left.', question: 'effect', label: 0 },
      'The cup fell so[ it broke.]',
    ],
    [
      'copa',
      {
        premise: 'The cup fell.',
        choice1: 'It broke.',
        choice2: 'I pushed it.',
        question: 'cause',
        label: 1,
      },
      'The cup fell because[ I pushed it.]',
    ],
    [
      'record',
      {
        passage: 'Ann won.\n@highlight\nA prize',
        query: '@placeholder got it',
        entities: ['Ann', 'Bea'],
        answers: ['Ann'],
      },
      'Ann won.\n- A prize\n-[ Ann got it]',
    ],
    [
      'squad',
      {
        title: 'Ice',
        context: 'Ice is cold.',
        question: ' What is cold?',
        answers: { text: ['Ice'], answer_start: [0] },
      },
      'Title: Ice\nContext: Ice is cold.\nQuestion: What is cold?\nAnswer:[ Ice\n]',
    ],
    [
      'drop',
      { passage: 'Two won.', question: 'How many?', answers_spans: { spans: ['2'], types: ['number'] } },
      'Passage: Two won.\nQuestion: How many?\nAnswer:[ 2\n]',
    ],
  ])('%s', (name, row, text) => {
    expect(shown(name, row)).toEqual([text])
  })

  it('are all read, and named where another is asked for', () => {
    const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ''))
    expect(names.sort()).toEqual([
      'boolq',
      'cb',
      'copa',
      'drop',
      'record',
      'rte',
      'squad',
      'sst2',
      'wic',
      'wsc',
    ])
    for (const name of names) expect(readTask(join(folder, `${name}.json`)).version).toBe(1)
    expect(caughtError(() => findTask('mezo/mrpc')).message).toMatch(
      /one of mezo\/boolq, .*; found 'mezo\/mrpc'/,
    )
  })
})
