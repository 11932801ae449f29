import { homedir } from 'node:os'
import { join } from 'node:path'
import { knownHashesAt, type KnownHashes } from '../model/known-hashes.js'

type Environment = Readonly<Record<string, string | undefined>>

/** The hashes of models that this person has opened before. */
export function modelHashes(): KnownHashes {
  const folder = cacheFolder(process.env, process.platform, homedir())
  return knownHashesAt(join(folder, 'model-hashes.json'), Date.now)
}

/** Where what can be computed again is kept, by the system's own habit. */
export function cacheFolder(environment: Environment, platform: NodeJS.Platform, home: string): string {
  if (environment.ZEROTUNE_HOME) return environment.ZEROTUNE_HOME
  if (platform === 'win32')
    return join(environment.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'Zerotune')
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'Zerotune')
  return join(environment.XDG_CACHE_HOME ?? join(home, '.cache'), 'zerotune')
}
