import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EngineError } from '../../core/schema/engine-error.js'
import { ModelCache } from '../../electron/engine/model-cache.js'
import { quietTask, type Task } from '../../electron/engine/tasks.js'
import { temporaryFolder } from '../support/temporary-folder.js'
import { writeTinyFiles } from '../support/tiny-files.js'

const day = new Date(0)
const noHashes = { find: () => null, keep: () => undefined }

describe('the model that is kept open', () => {
  it('tells how much of the file was read, once, however many ask', async () => {
    const { model: path } = writeTinyFiles(temporaryFolder())
    const told: string[] = []
    const task = {
      ...quietTask,
      progress: (...[phase, done, total]: Parameters<Task['progress']>) => {
        told.push(`${phase} ${done} ${total}`)
      },
    }
    const cache = new ModelCache(() => noHashes)
    const [one, other] = await Promise.all([cache.open(path, day, task), cache.open(path, day, task)])
    expect(other).toBe(one)
    expect(told).toEqual(['loading-model 0 null', `hashing ${one.byteLength} ${one.byteLength}`])
  })

  it('can be told to stop, and opens the same file later', async () => {
    const { model: path } = writeTinyFiles(join(temporaryFolder(), 'a'))
    let breaths = 0
    const cancelled = {
      ...quietTask,
      breathe: () =>
        breaths++ === 0 ? Promise.resolve() : Promise.reject(new EngineError('cancelled', {}, 'stopped')),
    }
    const cache = new ModelCache(() => noHashes)
    await expect(cache.open(path, day, cancelled)).rejects.toMatchObject({ code: 'cancelled' })
    const { model } = await cache.open(path, day, quietTask)
    expect(model.description.layerCount).toBeGreaterThan(0)
  })
})
