import { join } from 'node:path'
import type { EngineConfig } from '../ipc/engine-frames.js'

type Environment = Readonly<Record<string, string | undefined>>

/** Where this app keeps its files, by the system's own habit. */
export function stateFolder(environment: Environment, platform: NodeJS.Platform, home: string): string {
  if (environment.ZEROTUNE_HOME) return environment.ZEROTUNE_HOME
  if (platform === 'win32') return join(environment.APPDATA ?? join(home, 'AppData', 'Roaming'), 'Zerotune')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Zerotune')
  return join(environment.XDG_DATA_HOME ?? join(home, '.local', 'share'), 'zerotune')
}

/** Where fetched models are kept, the same for the command line and the app; large files never roam. */
export function modelsFolder(environment: Environment, platform: NodeJS.Platform, home: string): string {
  if (environment.ZEROTUNE_MODELS) return environment.ZEROTUNE_MODELS
  if (environment.ZEROTUNE_HOME) return join(environment.ZEROTUNE_HOME, 'models')
  if (platform === 'win32')
    return join(environment.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'Zerotune', 'models')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Zerotune', 'models')
  return join(environment.XDG_DATA_HOME ?? join(home, '.local', 'share'), 'zerotune', 'models')
}

/** Where other programs keep models, by their own variables or defaults. */
export function libraryFolders(environment: Environment, home: string): EngineConfig['libraries'] {
  const cache = environment.XDG_CACHE_HOME ?? join(home, '.cache')
  return {
    ollama: environment.OLLAMA_MODELS ?? join(home, '.ollama', 'models'),
    lmStudio: [join(home, '.lmstudio', 'models'), join(cache, 'lm-studio', 'models')],
    huggingFace: environment.HF_HUB_CACHE ?? join(environment.HF_HOME ?? join(cache, 'huggingface'), 'hub'),
  }
}

/**
 * glibc's memory allocator: one arena, so that what one thread freed serves the others, and at most 8 MB of it kept. Giving
 * back more eagerly costs a sweep of exact gradients a sixth of its time in page faults. Large tensors lie in pages of 2 MB where
 * the system has them: a matrix that a product unpacks is new memory each time. Other systems do not read these.
 */
const allocatorSettings = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: String(32 * 2 ** 20),
  MALLOC_TRIM_THRESHOLD_: String(8 * 2 ** 20),
  GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1',
}

/** What an engine process gets of the environment: what finding programs and libraries needs, no secrets. */
export function engineEnvironment(environment: Environment): Record<string, string> {
  const kept = [
    'PATH',
    'HOME',
    'USERPROFILE',
    'SystemRoot',
    'TEMP',
    'TMP',
    'TMPDIR',
    'LANG',
    'LD_LIBRARY_PATH',
  ]
  const found = kept.flatMap((name) => {
    const value = environment[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(found), ...allocatorSettings }
}
