import { join } from 'node:path'
import { expect, it } from 'vitest'
import { requireFreeSpace } from '../../../core/formats/free-space.js'
import { caughtError } from '../../support/caught-error.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

it('refuses a file that no disk holds, and says how much is needed and free', () => {
  const path = join(temporaryFolder(), 'model.gguf')
  const error = caughtError(() => requireFreeSpace(path, 1e18))
  expect(error.code).toBe('file-unwritable')
  expect(error.message).toMatch(/it will have 1000000000000000000 bytes, but only \d+ are free there/)
})

it('lets a small file pass, and leaves a missing folder to the writing', () => {
  requireFreeSpace(join(temporaryFolder(), 'model.gguf'), 1)
  requireFreeSpace(join(temporaryFolder(), 'none', 'model.gguf'), 1e18)
})
