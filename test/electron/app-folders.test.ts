import { describe, expect, it } from 'vitest'
import { engineEnvironment } from '../../electron/host/app-folders.js'

describe('the environment of the engine', () => {
  it('has what finds programs and libraries, and nothing secret', () => {
    const given = engineEnvironment({ PATH: '/bin', HF_TOKEN: 'secret', AWS_SECRET_ACCESS_KEY: 'secret' })
    expect(given.PATH).toBe('/bin')
    expect(JSON.stringify(given)).not.toContain('secret')
    expect(given).not.toHaveProperty('HOME')
  })

  it('lets the allocator give back what a step freed', () => {
    expect(engineEnvironment({})).toMatchObject({
      MALLOC_ARENA_MAX: '1',
      MALLOC_TRIM_THRESHOLD_: '8388608',
      GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
    })
  })
})
