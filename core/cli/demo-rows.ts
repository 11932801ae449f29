import { collectBadRows } from '../data/bad-rows.js'
import { readLayout } from '../data/layout.js'
import type { LoadedDataset } from '../data/load-dataset.js'
import { readRows } from '../data/read-rows.js'
import { scalarText } from '../data/row.js'
import { templateColumns, parseTemplate } from '../data/template.js'
import type { ExampleScore } from '../engine/example-score.js'

/** A row with what the model said of it. */
export interface ShownRow {
  readonly message: string
  readonly expected: string
  readonly before: string
  readonly after: string
}

const shownRows = 5

/** Rows of a labels task, evenly spread over the file, whatever the model says of them. */
export function exampleRows(
  { path, task, dataset }: LoadedDataset,
  before: readonly ExampleScore[],
  after: readonly ExampleScore[],
): ShownRow[] {
  const { examples, objective } = dataset
  if (objective.kind !== 'labels' || task.kind !== 'labels') return []
  const names = objective.options.map(({ name }) => name)
  const [column] = templateColumns(parseTemplate(task.prompt))
  const texts = new Map<number, string>()
  for (const { line, fields } of readRows(path, readLayout(path), collectBadRows(true))) {
    texts.set(line, scalarText(fields.get(column)) ?? '')
  }
  return Array.from({ length: shownRows }, (_, row): ShownRow => {
    const index = Math.floor(((row + 0.5) * examples.length) / shownRows)
    const example = examples[index]
    const said = ({ prediction }: ExampleScore): string => (prediction === null ? '' : names[prediction])
    return {
      message: texts.get(example.line) ?? '',
      expected: example.kind === 'label' ? names[example.label] : '',
      before: said(before[index]),
      after: said(after[index]),
    }
  })
}
