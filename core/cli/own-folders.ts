import { join } from 'node:path'
import type { LibraryFolders } from '../hub/find-elsewhere.js'

type Environment = Readonly<Record<string, string | undefined>>

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
export function libraryFolders(environment: Environment, home: string): LibraryFolders {
  const cache = environment.XDG_CACHE_HOME ?? join(home, '.cache')
  return {
    ollama: environment.OLLAMA_MODELS ?? join(home, '.ollama', 'models'),
    lmStudio: [join(home, '.lmstudio', 'models'), join(cache, 'lm-studio', 'models')],
    huggingFace: environment.HF_HUB_CACHE ?? join(environment.HF_HOME ?? join(cache, 'huggingface'), 'hub'),
  }
}
