import { rowProblem } from '../schema/row-problems.js'
import { dataInvalid, shown } from './data-error.js'
import { checkLength, promptRenderer, type ExampleContext, type ExampleMaker } from './example-context.js'
import type { LabelOptions } from './label-options.js'
import { labelList, labelName, type ResolvedLabelsTask } from './resolve-labels.js'
import { fieldText } from './row.js'
import { StoredLabelExample } from './stored-example.js'

/** Examples of a prompt and one of a fixed set of labels. */
export function labelExamples(
  task: ResolvedLabelsTask,
  options: LabelOptions,
  context: ExampleContext,
): ExampleMaker {
  const render = promptRenderer(task, context)
  const column = context.columnOf(task.labelColumn)
  const labels = new Map(options.map(({ name }, index) => [name, index]))
  const longestOption = Math.max(...options.map(({ tokens }) => tokens.length))
  const { store } = context
  return (row) => {
    const value = labelName(fieldText(context.path, row, column), task.aliases)
    const label = labels.get(value)
    if (label === undefined) {
      const problem = rowProblem('label-unknown', { list: labelList(task.labels), found: shown(value) })
      throw dataInvalid(context.path, row.line, column, problem)
    }
    const { input, tokens: prompt } = render(row)
    if (prompt.length === 0) throw dataInvalid(context.path, row.line, '', rowProblem('prompt-empty', {}))
    checkLength(context, row, prompt.length + longestOption)
    return {
      input,
      answer: options[label].text,
      examples: [new StoredLabelExample(store, store.keep([prompt]), { label, line: row.line })],
    }
  }
}
