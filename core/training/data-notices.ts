import { basename } from 'node:path'
import { findDuplicates } from '../data/compare-datasets.js'
import { labelNotices } from '../data/label-words.js'
import type { LoadedDataset } from '../data/load-dataset.js'
import type { RowOddity } from '../schema/row-selection.js'
import type { Task } from '../schema/task.js'
import type { PartedRows } from './part-rows.js'

/** How the rows of a run were read. */
interface DataStory {
  readonly all: LoadedDataset
  readonly devFile: LoadedDataset | null
  /** As it was given. */
  readonly asked: Task
  readonly shotCount: number
}

/** Each oddity as the end of “left out 3 rows …”. */
export const oddityText: Readonly<Record<RowOddity, string>> = {
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
}

/** What a person should know about how the rows were read and parted. */
export function dataNotices(
  { train, dev, test, leftOut, unsampled }: PartedRows,
  { all, devFile, asked, shotCount }: DataStory,
): string[] {
  const notices = [...all.notices, ...(devFile?.notices ?? [])]
  if (devFile === null) {
    const count = dev.rows.lines.length
    notices.push(`no dev file: ${count} rows of ${basename(all.path)} are set aside for evaluation`)
  }
  if (test !== null) notices.push(`${test.rows.lines.length} rows are set aside that the run never looks at`)
  if (all.filteredCount > 0) notices.push(`${all.filteredCount} rows do not meet the filters`)
  for (const { oddity, count } of leftOut) {
    notices.push(`left out of training: ${count} rows ${oddityText[oddity]}`)
  }
  if (unsampled > 0) notices.push(`${unsampled} rows are left by balancing or sampling`)
  if (shotCount > 0) {
    notices.push(`${shotCount} training rows stand in front of every prompt and are not trained on`)
  }
  const duplicates = findDuplicates(train, dev)
  if (duplicates.count > 0) {
    const [first] = duplicates.firstRows
    const example = `dev line ${first.devLine} is training line ${first.trainLine}`
    notices.push(`${duplicates.count} dev rows are also trained on (${example}); their figures say less`)
  }
  for (const { path, skippedCount, skippedMessages } of devFile === null ? [all] : [all, devFile]) {
    if (skippedCount === 0) continue
    const first = skippedMessages[0]?.replaceAll(path, basename(path))
    notices.push(`${basename(path)}: left out ${skippedCount} bad rows, the first: ${first}`)
  }
  return [...notices, ...labelNotices(train.dataset.objective, asked)]
}
