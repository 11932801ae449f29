import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.env['ZEROTUNE_SHARED'] ?? join(import.meta.dirname, '../../../shared')

/** Where a shared file would be: models and data that are too large for the repository. */
export function sharedPath(name: string): string {
  return join(folder, name)
}

export function hasShared(...names: readonly string[]): boolean {
  return names.every((name) => existsSync(sharedPath(name)))
}

/** Lines of a shared text file without empty ones, at most `limit`, spread over the file. */
export function sharedLines(name: string, limit: number): string[] {
  const lines = readFileSync(sharedPath(name), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
  const step = Math.max(1, Math.floor(lines.length / limit))
  return lines.filter((_, index) => index % step === 0).slice(0, limit)
}
