import { basename } from 'node:path'
import { findDuplicates } from '../data/compare-datasets.js'
import { labelNotices } from '../data/label-words.js'
import type { LoadedDataset } from '../data/load-dataset.js'
import type { Tokenizer } from '../data/tokenizer/tokenizer.js'
import { notice } from '../schema/notices.js'
import type { Task } from '../schema/task.js'
import type { PartedRows } from './part-rows.js'

/** How the rows of a run were read. */
interface DataStory {
  readonly all: LoadedDataset
  readonly devFile: LoadedDataset | null
  /** As it was given. */
  readonly asked: Task
  readonly shotCount: number
  readonly correctionCount: number
  readonly tokenizer: Tokenizer
}

/** What a person should know about how the rows were read and parted. */
export function dataNotices(
  { train, dev, test, leftOut, leftOutByLine, unsampled }: PartedRows,
  { all, devFile, asked, shotCount, correctionCount, tokenizer }: DataStory,
): string[] {
  const notices = [...all.notices, ...(devFile?.notices ?? [])]
  if (devFile === null) {
    const count = dev.rows.lines.length
    notices.push(notice('rows-set-aside', { count, file: basename(all.path) }))
  }
  if (test !== null) notices.push(notice('rows-untouched', { count: test.rows.lines.length }))
  if (correctionCount > 0) notices.push(notice('rows-corrected', { count: correctionCount }))
  if (all.filteredCount > 0) notices.push(notice('rows-filtered', { count: all.filteredCount }))
  if (leftOutByLine > 0) notices.push(notice('rows-named', { count: leftOutByLine }))
  for (const { oddity, count } of leftOut) {
    notices.push(notice(`left-out-${oddity}`, { count }))
  }
  if (unsampled > 0) notices.push(notice('rows-unsampled', { count: unsampled }))
  if (shotCount > 0) {
    notices.push(notice('rows-as-shots', { count: shotCount }))
  }
  const duplicates = findDuplicates(train, dev)
  if (duplicates.count > 0) {
    const [first] = duplicates.firstRows
    const lines = { dev: first.devLine, train: first.trainLine }
    notices.push(notice('dev-also-trained', { count: duplicates.count, ...lines }))
  }
  for (const { path, skippedCount, skippedMessages } of devFile === null ? [all] : [all, devFile]) {
    if (skippedCount === 0) continue
    const problem = skippedMessages[0]?.replaceAll(path, basename(path)) ?? ''
    notices.push(notice('bad-rows-left-out', { file: basename(path), count: skippedCount, problem }))
  }
  return [...notices, ...labelNotices(train.dataset.objective, asked, tokenizer)]
}
