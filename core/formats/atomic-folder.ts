import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { EngineError } from '../schema/engine-error.js'
import { explainFailures, syncFolder } from './atomic-file.js'

/**
 * Writes a whole folder so that its name never holds a part: a temporary folder beside it, renamed when `write` is done
 * with it. The temporary folder is removed when `write` fails, and its failures speak of `path`.
 *
 * @param write fills and checks the temporary folder
 * @throws EngineError `file-exists` where something is at `path`, `file-unwritable`; anything that `write` throws
 */
export async function writeFolderAtomically<T>(
  path: string,
  write: (temporary: string) => Promise<T>,
): Promise<T> {
  refuseExisting(path)
  const parent = dirname(resolve(path))
  const temporary = join(parent, `.zerotune-${randomUUID()}.tmp`)
  explainFailures(path, {}, () => mkdirSync(temporary))
  try {
    const result = await write(temporary)
    refuseExisting(path)
    explainFailures(path, {}, () => {
      syncFolder(temporary)
      renameSync(temporary, path)
      syncFolder(parent)
    })
    return result
  } catch (thrown) {
    rmSync(temporary, { recursive: true, force: true })
    throw aboutFinalPath(thrown, temporary, path)
  }
}

function refuseExisting(path: string): void {
  if (!existsSync(path)) return
  throw new EngineError('file-exists', { path }, `'${path}' already exists and is not written over`)
}

/** The same failure, with `path` wherever it names the temporary folder. */
function aboutFinalPath(thrown: unknown, temporary: string, path: string): unknown {
  if (!(thrown instanceof EngineError)) return thrown
  const { code, details, message } = thrown.toData()
  const renamed = Object.fromEntries(
    Object.entries(details).map(([key, value]) => [
      key,
      typeof value === 'string' ? value.replaceAll(temporary, path) : (value as unknown),
    ]),
  )
  return new EngineError(code, renamed as typeof details, message.replaceAll(temporary, path), {
    cause: thrown,
  })
}
