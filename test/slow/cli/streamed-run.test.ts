import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openTrainedRun } from '../../../core/training/open-trained.js'
import { runCommand } from '../../support/command-line.js'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

it('opens a run whose layers were read from the file as it trained the same way, and exports the same', async () => {
  const folder = temporaryFolder()
  const [run, streamed] = ['run', 'streamed'].map((name) => join(folder, name))
  const files = writeTinyFiles(folder)
  const choices = ['--recipe', 'exact-rows', '--steps', '2', '--batch', '4', '--eval-every', '2']
  const trained = await runCommand(
    'train',
    files.model,
    ...files.data,
    ...files.task,
    ...choices,
    '--out',
    run,
  )
  expect(trained.status, trained.errors).toBe(0)
  cpSync(run, streamed, { recursive: true })
  const job = JSON.parse(readFileSync(join(run, 'job.json'), 'utf8')) as object
  writeFileSync(join(streamed, 'job.json'), JSON.stringify({ ...job, streamedLayers: 1 }))

  const [kept, read] = [run, streamed].map((path) => openTrainedRun(path).model.model.layers)
  expect(kept.isStreamed(0)).toBe(false)
  expect(read.isStreamed(0)).toBe(true)

  const exported = []
  for (const path of [run, streamed]) {
    const { status, errors, output } = await runCommand('export', path, '--out', `${path}.gguf`)
    expect(status, errors).toBe(0)
    expect(output).toContain('rounding to the file')
    exported.push(readFileSync(`${path}.gguf`))
  }
  expect(exported[1].equals(exported[0])).toBe(true)
})
