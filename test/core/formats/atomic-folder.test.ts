import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { writeFileAtomic } from '../../../core/formats/atomic-file.js'
import { writeFolderAtomically } from '../../../core/formats/atomic-folder.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

it('gives the folder its name when everything is written', async () => {
  const parent = temporaryFolder()
  const folder = join(parent, 'export')
  const result = await writeFolderAtomically(folder, async (temporary) => {
    expect(existsSync(folder)).toBe(false)
    writeFileSync(join(temporary, 'file'), 'content')
    return Promise.resolve('done')
  })
  expect(result).toBe('done')
  expect(readdirSync(parent)).toEqual(['export'])
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('content')
})

it('leaves nothing behind when writing fails', async () => {
  const parent = temporaryFolder()
  const writing = writeFolderAtomically(join(parent, 'export'), (temporary) => {
    writeFileSync(join(temporary, 'file'), 'content')
    return Promise.reject(new Error('no more'))
  })
  await expect(writing).rejects.toThrow('no more')
  expect(readdirSync(parent)).toEqual([])
})

it('refuses a name that is taken, even by an empty folder', async () => {
  const folder = join(temporaryFolder(), 'export')
  mkdirSync(folder)
  const writing = writeFolderAtomically(folder, () => Promise.resolve())
  await expect(writing).rejects.toMatchObject({ code: 'file-exists', details: { path: folder } })
})

it('refuses a name that was taken meanwhile', async () => {
  const folder = join(temporaryFolder(), 'export')
  const writing = writeFolderAtomically(folder, () => {
    mkdirSync(folder)
    return Promise.resolve()
  })
  await expect(writing).rejects.toMatchObject({ code: 'file-exists' })
  expect(readdirSync(folder)).toEqual([])
})

it('speaks of the final name in failures', async () => {
  const folder = join(temporaryFolder(), 'export')
  const writing = writeFolderAtomically(folder, (temporary) => {
    writeFileAtomic(join(temporary, 'missing', 'file'), '')
    return Promise.resolve()
  })
  const path = join(folder, 'missing', 'file')
  await expect(writing).rejects.toMatchObject({
    code: 'file-unwritable',
    details: { path },
    message: `Cannot write '${path}': there is no such folder`,
  })
  await expect(writing).rejects.toBeInstanceOf(EngineError)
})

it('says why a folder cannot be made', async () => {
  const folder = join(temporaryFolder(), 'missing', 'export')
  const writing = writeFolderAtomically(folder, () => Promise.resolve())
  await expect(writing).rejects.toMatchObject({ code: 'file-unwritable', details: { path: folder } })
})
