import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { bundledLicences } from '../../../tools/packaging/list-licences.js'

describe('the list of licences', () => {
  it('has every package whose modules are in what we give out, and no other: npm run licences', async () => {
    const path = resolve(import.meta.dirname, '../../../resources/licences.json')
    const listed: unknown = JSON.parse(readFileSync(path, 'utf8'))
    // A page that is built for tests has other packages in it.
    vi.stubEnv('NODE_ENV', 'production')
    const bundled = await bundledLicences()
    expect(listed).toEqual(bundled.map(({ name, version, licence }) => ({ name, version, licence })))
    expect(bundled.filter(({ text }) => text === '').map(({ name }) => name)).toEqual([])
  })
})
