import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import {
  checkData,
  describeData,
  findDemo,
  fingerprint,
  makeFolder,
  readMetadataAt,
  readTask,
  requireText,
  tryRow,
  writeFileAtomic,
  type DataDescription,
} from '../../../core/index.js'
import type { Handlers } from '../../ipc/contract.js'
import { longestEdited, type DataEntry } from '../../ipc/data.js'
import type { EngineContext } from '../context.js'
import { dataEntry } from '../data-entry.js'
import type { DataTables } from '../data-tables.js'
import type { KnownFile } from '../known-files.js'
import { earlierTask } from '../earlier-task.js'
import type { RunFolders } from '../run-records.js'
import { inPieces, type Task } from '../tasks.js'
import { resolveTypedPath } from '../typed-path.js'

type DataHandlers = Pick<
  Handlers<'engine'>,
  | 'data.list'
  | 'data.open'
  | 'data.paste'
  | 'data.embedded'
  | 'data.describe'
  | 'data.rows'
  | 'data.rawRow'
  | 'data.check'
  | 'data.tryRow'
>

/** Finding, describing and checking rows. */
export function dataHandlers(context: EngineContext, tables: DataTables, folders: RunFolders): DataHandlers {
  const { files, tasks, today, config, selections } = context
  const entryOf = (file: KnownFile): DataEntry => dataEntry(context, file)
  const admitFile = (path: string, name: string, source: 'file' | 'pasted' | 'embedded'): KnownFile =>
    files.use(files.admit({ kind: 'data', path, name, source }), today())
  return {
    'data.list': () => ({ files: files.recent('data').filter(isThere).map(entryOf) }),
    'data.open': ({ path }) => {
      const real = resolveTypedPath(path, 'file', config().homeFolder)
      return entryOf(admitFile(real, basename(real), 'file'))
    },
    'data.paste': ({ text, name }) => {
      const folder = join(config().stateFolder, 'pasted')
      makeFolder(folder)
      const path = join(folder, pastedName(text, name))
      writeFileAtomic(path, text)
      return entryOf(admitFile(path, shownName(name), 'pasted'))
    },
    'data.embedded': () => {
      const { train, dev, task } = findDemo()
      return {
        train: entryOf(admitFile(train, basename(train), 'embedded')),
        dev: entryOf(admitFile(dev, basename(dev), 'embedded')),
        task: requireText(readTask(task)),
      }
    },
    'data.describe': ({ taskId, data, model }) =>
      tasks.run(taskId, async (task) => {
        const file = files.find(data, 'data')
        const hasChat = model !== null && hasChatTemplate(files.find(model, 'model').path)
        await indexing(tables, file.path, task)
        const { columns, ...found } = await describing(file.path, hasChat, task)
        return {
          ...found,
          guess: earlierTask(folders, columns) ?? found.guess,
          entry: entryOf(files.use(file, today())),
          columns: columns.map(({ name, kind, filledCount, distinctCount, longestCharacters, samples }) => {
            return { name, kind, filledCount, distinctCount, longestCharacters, samples }
          }),
        }
      }),
    'data.rows': ({ data, offset, count }) => {
      const { total, rows } = tables.page(files.find(data, 'data').path, offset, count)
      return { offset, total, rows }
    },
    'data.rawRow': ({ data, line }) => {
      const text = tables.rawRow(files.find(data, 'data').path, line)
      const isEditable = text !== null && text.length <= longestEdited
      return { text: isEditable ? text : null, was: fingerprint(text ?? '') }
    },
    'data.check': ({ taskId, selection }) =>
      tasks.run(taskId, async (task) => {
        // What is wrong with rows is the answer here, not a failure.
        const { data, model } = await selections.openToCheck(selection, task)
        return await checkData(data, model)
      }),
    'data.tryRow': ({ taskId, selection, row }) =>
      tasks.run(taskId, async (task) => {
        // The rows are open from the check that found the wrong one.
        const { data, model } = await selections.openToCheck(selection, task)
        return { problem: tryRow(data, model, row) }
      }),
  }
}

/** So that any part of the table comes at once. */
async function indexing(tables: DataTables, path: string, task: Task): Promise<void> {
  await inPieces(tables.open(path), task, (done) => {
    if (done !== null) task.progress('reading-rows', done, statSync(path).size, 'bytes')
  })
}

function describing(path: string, hasChat: boolean, task: Task): Promise<DataDescription> {
  return inPieces(describeData(path, { hasChat }), task, (done) =>
    task.progress('reading-rows', done, null, 'rows'),
  )
}

function hasChatTemplate(path: string): boolean {
  return readMetadataAt(path).has('tokenizer.chat_template')
}

/** Equal texts are one file. Of the person's name only the extension is used, and only a known one. */
function pastedName(text: string, name: string | null): string {
  const extension = extname(name ?? '').toLowerCase()
  const known = ['.csv', '.tsv', '.jsonl', '.ndjson', '.txt'].includes(extension) ? extension : '.txt'
  return `${createHash('sha256').update(text).digest('hex').slice(0, 16)}${known}`
}

function shownName(name: string | null): string {
  return name === null ? 'pasted rows' : basename(name.replaceAll('\\', '/'))
}

function isThere({ path }: KnownFile): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
