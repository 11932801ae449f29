import { realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, normalize } from 'node:path'
import { EngineError, isFolderOfModel } from '../../core/index.js'
import { requestIssue } from '../../core/schema/request-issues.js'

/** Names that open a device in any folder of Windows. */
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/**
 * The real path of a file or folder whose path a person typed or dropped: absolute (or from `~`), without links. A model is a file, or a
 * folder that is one.
 *
 * @throws EngineError 'request-invalid' for what is no plain path, 'file-unreadable' where nothing of this kind is there
 */
export function resolveTypedPath(
  typed: string,
  kind: 'file' | 'folder' | 'model',
  homeFolder: string,
): string {
  const text = typed.trim().replace(/^"(.*)"$/, '$1')
  const expanded = /^~(?=$|[/\\])/.test(text) ? join(homeFolder, text.slice(1)) : text
  refuseOddPath(expanded)
  const path = realPathOf(normalize(expanded))
  const stats = statSync(path)
  if (kind === 'folder' ? stats.isDirectory() : stats.isFile()) return path
  if (kind === 'model' && stats.isDirectory() && isFolderOfModel(path)) return path
  const found = stats.isDirectory() ? 'a folder' : stats.isFile() ? 'a file' : 'a device or pipe'
  const expected = kind === 'model' ? "a model's file or folder" : `a ${kind}`
  throw unreadable(path, `expected ${expected}, found ${found}`)
}

function refuseOddPath(path: string): void {
  if (path.includes('\0')) throw requestIssue('path-nul')
  if (/^[\\/]{2}/.test(path)) throw requestIssue('path-elsewhere')
  if (!isAbsolute(path)) throw requestIssue('path-relative')
  const parts = path.split(/[\\/]/)
  if (process.platform === 'win32' && parts.some((part) => deviceName.test(part))) {
    throw requestIssue('path-device')
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync.native(path)
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR'
    throw unreadable(path, isMissing ? 'there is nothing of that name' : String(thrown))
  }
}

function unreadable(path: string, reason: string): EngineError {
  return new EngineError('file-unreadable', { path }, `Cannot open '${path}': ${reason}`)
}
