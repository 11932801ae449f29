import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** Writes data files into a folder that lives as long as the test file. Returns the path of each. */
export function dataFolder(): (name: string, content: string | Uint8Array) => string {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-data-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  let count = 0
  return (name, content) => {
    const path = join(folder, `${count++}-${name}`)
    writeFileSync(path, content)
    return path
  }
}
