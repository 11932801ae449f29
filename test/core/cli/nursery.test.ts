import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../support/temporary-folder.js'
import { writeTinyGguf } from '../../support/tiny-gguf.js'

const command = resolve(import.meta.dirname, '../../../bin/zerotune.js')
/** Loading the program alone makes a nursery of 8 MB, where it may grow. */
const largestBytes = 3e6
const report = `data:text/javascript,${encodeURIComponent(`
  import { getHeapSpaceStatistics } from 'node:v8'
  process.on('exit', () => {
    console.error(getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size)
  })
`)}`

it('keeps a small nursery also where its own flags are missing', () => {
  const model = join(temporaryFolder(), 'tiny.gguf')
  writeTinyGguf(model)
  const args = ['--import', report, command, 'inspect', model]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(status).toBe(0)
  expect(Number(stderr)).toBeGreaterThan(0)
  expect(Number(stderr)).toBeLessThan(largestBytes)
})
