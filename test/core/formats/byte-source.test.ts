import { execFileSync } from 'node:child_process'
import { chmodSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { bytesSource, openByteSource } from '../../../core/formats/byte-source.js'
import { caughtError } from '../../support/caught-error.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const content = Uint8Array.of(1, 2, 3, 4, 5)

function fileOf(bytes: Uint8Array): string {
  const path = join(temporaryFolder(), 'some.bin')
  writeFileSync(path, bytes)
  return path
}

it.each([
  ['a file', () => openByteSource(fileOf(content))],
  ['bytes in memory', () => bytesSource(content, 'memory')],
])('reads ranges of %s', (_, open) => {
  const source = open()
  expect(source.byteLength).toBe(5)
  expect(source.read(1, 3)).toEqual(Uint8Array.of(2, 3, 4))
  const target = new Uint8Array(2)
  source.readInto(3, target)
  expect(target).toEqual(Uint8Array.of(4, 5))
  expect(source.read(5, 0)).toEqual(new Uint8Array(0))
  source.close()
})

it.each([
  ['a file', () => openByteSource(fileOf(content))],
  ['bytes in memory', () => bytesSource(content, 'memory')],
])('refuses a range that leaves %s before allocating it', (_, open) => {
  const source = open()
  expect(caughtError(() => source.read(3, 2 ** 50)).code).toBe('file-unreadable')
  expect(caughtError(() => source.read(6, 1)).message).toMatch('expected 1 bytes at offset 6, found 0')
  expect(caughtError(() => source.readInto(4, new Uint8Array(2))).code).toBe('file-unreadable')
  source.close()
})

it('says that a file got shorter while it was open', () => {
  const path = fileOf(content)
  const source = openByteSource(path)
  truncateSync(path, 2)
  expect(caughtError(() => source.read(0, 5)).message).toMatch('expected 5 bytes at offset 0, found 2')
  source.close()
})

it('says what is wrong with a missing file, a folder and a pipe', () => {
  const folder = temporaryFolder()
  expect(caughtError(() => openByteSource(join(folder, 'none.gguf'))).message).toMatch(
    'there is no such file',
  )
  expect(caughtError(() => openByteSource(folder)).message).toMatch('found a folder')
  if (process.platform === 'win32') return
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  expect(caughtError(() => openByteSource(pipe)).message).toMatch('found a device or pipe')
})

it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'says that a file may not be read (needs a user that is not root)',
  () => {
    const path = fileOf(content)
    chmodSync(path, 0)
    expect(caughtError(() => openByteSource(path)).message).toMatch('no permission')
  },
)
