import { join } from 'node:path'
import { expect, it } from 'vitest'
import { earlierTask } from '../../electron/engine/earlier-task.js'
import { RunFolders } from '../../electron/engine/run-records.js'
import { runCommand } from '../support/command-line.js'
import { temporaryFolder } from '../support/temporary-folder.js'
import { writeTinyFiles } from '../support/tiny-files.js'

it('suggests the task of a run whose rows had the same columns, in whatever order', async () => {
  const folder = temporaryFolder()
  const files = writeTinyFiles(folder)
  const runs = join(folder, 'runs')
  const folders = new RunFolders(() => runs)
  const named = (...names: string[]) =>
    earlierTask(
      folders,
      names.map((name) => ({ name })),
    )
  expect(named('word', 'kind')).toBeNull()
  const train = ['train', files.model, ...files.data, ...files.task, '--steps', '1']
  expect(await runCommand(...train, '--out', join(runs, 'first'))).toMatchObject({ status: 0 })
  const found = named('kind', 'word')
  expect(found?.task).toMatchObject({ kind: 'labels', prompt: '{word} is', labels: { '0': ' a', '1': ' b' } })
  expect(found?.reason).toEqual({ code: 'same-columns', run: 'first' })
  expect(named('kind', 'word', 'more')).toBeNull()
})
