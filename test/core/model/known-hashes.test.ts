import { copyFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openByteSource, type ByteSource } from '../../../core/formats/byte-source.js'
import { knownHashesAt } from '../../../core/model/known-hashes.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const later = (): number => Date.now() + 10_000

/** A file that is large enough to be remembered, most of it a hole. */
function largeFile(path: string): ByteSource {
  writeFileSync(path, 'model')
  truncateSync(path, 40e6)
  const source = openByteSource(path)
  source.close()
  return source
}

it('knows a file again that has not changed, also in another process', () => {
  const folder = temporaryFolder()
  const source = largeFile(join(folder, 'a.gguf'))
  const path = join(folder, 'cache', 'hashes.json')
  expect(knownHashesAt(path, later).find(source)).toBeNull()
  knownHashesAt(path, later).keep(source, 'abc')
  expect(knownHashesAt(path, later).find(source)).toBe('abc')
})

it('does not take a changed file for the old one, whatever its time says', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'a.gguf')
  const hashes = knownHashesAt(join(folder, 'hashes.json'), later)
  const before = largeFile(file)
  utimesSync(file, 1000, 1000)
  const old = openByteSource(file)
  old.close()
  hashes.keep(old, 'abc')
  writeFileSync(file, 'other', { flag: 'r+' })
  utimesSync(file, 1000, 1000)
  const changed = openByteSource(file)
  changed.close()
  expect(changed.byteLength).toBe(before.byteLength)
  expect(hashes.find(changed)).toBeNull()
  expect(hashes.find(old)).toBe('abc')
})

it('does not take a copy in its place for the old one', () => {
  const folder = temporaryFolder()
  const source = largeFile(join(folder, 'a.gguf'))
  const hashes = knownHashesAt(join(folder, 'hashes.json'), later)
  hashes.keep(source, 'abc')
  copyFileSync(join(folder, 'a.gguf'), join(folder, 'b.gguf'))
  const copy = openByteSource(join(folder, 'b.gguf'))
  copy.close()
  expect(hashes.find(copy)).toBeNull()
})

it('remembers neither a file that has just changed nor a small one, and survives a damaged note', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'hashes.json')
  const source = largeFile(join(folder, 'a.gguf'))
  knownHashesAt(path, Date.now).keep(source, 'abc')
  expect(knownHashesAt(path, later).find(source)).toBeNull()
  knownHashesAt(path, later).keep({ ...source, byteLength: 1000 }, 'abc')
  expect(knownHashesAt(path, later).find(source)).toBeNull()
  writeFileSync(path, '{"version":1,"files":')
  expect(knownHashesAt(path, later).find(source)).toBeNull()
  knownHashesAt(path, later).keep(source, 'abc')
  expect(knownHashesAt(path, later).find(source)).toBe('abc')
})
