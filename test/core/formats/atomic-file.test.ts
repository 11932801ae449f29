import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { writeAtomically, writeFileAtomic } from '../../../core/formats/atomic-file.js'
import { caughtError } from '../../support/caught-error.js'
import { mountSmallDisk } from '../../support/small-disk.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

it('writes text and bytes, and replaces what was there', () => {
  const path = join(temporaryFolder(), 'file')
  writeFileAtomic(path, 'grüß')
  expect(readFileSync(path, 'utf8')).toBe('grüß')
  writeFileAtomic(path, Uint8Array.of(1, 2))
  expect([...readFileSync(path)]).toEqual([1, 2])
})

it('joins the pieces that are appended', () => {
  const path = join(temporaryFolder(), 'file')
  writeAtomically(path, { overwrite: false }, (append) => {
    append(Buffer.from('one '))
    append(Buffer.from('two'))
  })
  expect(readFileSync(path, 'utf8')).toBe('one two')
})

it('keeps an existing file where it may not be replaced', () => {
  const path = join(temporaryFolder(), 'file')
  writeFileSync(path, 'old')
  const error = caughtError(() => writeFileAtomic(path, 'new', { overwrite: false }))
  expect(error.code).toBe('file-exists')
  expect(readFileSync(path, 'utf8')).toBe('old')
})

it('keeps a file that appeared while another was being written', () => {
  const path = join(temporaryFolder(), 'file')
  const error = caughtError(() =>
    writeAtomically(path, { overwrite: false }, () => writeFileSync(path, 'from elsewhere')),
  )
  expect(error.code).toBe('file-exists')
  expect(readFileSync(path, 'utf8')).toBe('from elsewhere')
})

it('leaves the old file and nothing else when the writer throws', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'file')
  writeFileSync(path, 'old')
  const failing = (): void =>
    writeAtomically(path, { overwrite: true }, (append) => {
      append(Buffer.from('half of it'))
      throw new Error('boom')
    })
  expect(failing).toThrow('boom')
  expect(readFileSync(path, 'utf8')).toBe('old')
  expect(readdirSync(folder)).toEqual(['file'])
})

it('says that the folder is missing, or that a folder has the name', () => {
  const folder = temporaryFolder()
  const missing = caughtError(() => writeFileAtomic(join(folder, 'none', 'file'), 'x'))
  expect(missing.code).toBe('file-unwritable')
  expect(missing.message).toMatch('there is no such folder')
  mkdirSync(join(folder, 'taken'))
  const taken = caughtError(() => writeFileAtomic(join(folder, 'taken'), 'x'))
  expect(taken.message).toMatch('a folder has that name')
  expect(readdirSync(folder)).toEqual(['taken'])
})

it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'says that a folder may not be written to (needs a user that is not root)',
  () => {
    const folder = temporaryFolder()
    chmodSync(folder, 0o500)
    expect(caughtError(() => writeFileAtomic(join(folder, 'file'), 'x')).message).toMatch('no permission')
  },
)

describe('on a full disk', () => {
  it('says how much was needed and leaves nothing behind (needs the right to mount)', (context) => {
    const folder = mountSmallDisk(64)
    if (folder === null) return context.skip()
    const error = caughtError(() => writeFileAtomic(join(folder, 'file'), new Uint8Array(100_000)))
    expect(error.code).toBe('file-unwritable')
    expect(error.message).toMatch('the disk is full; 100000 bytes are needed')
    expect(readdirSync(folder)).toEqual([])
  })

  it('says that a disk is read-only (needs the right to mount)', (context) => {
    const folder = mountSmallDisk(64)
    if (folder === null) return context.skip()
    execFileSync('mount', ['-o', 'remount,ro', folder])
    expect(caughtError(() => writeFileAtomic(join(folder, 'file'), 'x')).message).toMatch('read-only')
  })
})
