import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { hashData } from '../../../core/data/hash-data.js'
import { dataFile } from '../../support/data-file.js'

it('hashes a file piece by piece', () => {
  const content = Buffer.alloc(200_000, 'row\n')
  expect(hashData(dataFile('rows.txt', content))).toBe(createHash('sha256').update(content).digest('hex'))
})

it('tells folders apart by the names and the texts in them, and by nothing else', () => {
  const folder = dirname(dataFile('a.txt', 'one'))
  const before = hashData(folder)
  writeFileSync(join(folder, 'picture.png'), 'x')
  expect(hashData(folder)).toBe(before)
  mkdirSync(join(folder, 'deeper'))
  writeFileSync(join(folder, 'deeper/b.txt'), 'two')
  const withMore = hashData(folder)
  expect(withMore).not.toBe(before)
  writeFileSync(join(folder, 'a.txt'), 'won')
  expect(hashData(folder)).not.toBe(withMore)
})
