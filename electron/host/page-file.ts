import { realpathSync, statSync } from 'node:fs'
import { extname, join, sep } from 'node:path'

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
}

/** A file of the page's bundle. */
export interface PageFile {
  readonly path: string
  readonly contentType: string
}

/**
 * The file that a URL path names, or null for anything that is no file of the bundle: other folders by any spelling, links
 * that lead out, kinds that a bundle does not have.
 *
 * @param folder of the bundle
 * @param urlPath still encoded, from `/` on
 */
export function findPageFile(folder: string, urlPath: string): PageFile | null {
  const name = decoded(urlPath === '/' ? '/index.html' : urlPath)
  if (name === null || !/^(\/[\w-][\w.-]*)+$/.test(name)) return null
  const contentType = contentTypes[extname(name)]
  if (contentType === undefined) return null
  const path = realPath(join(folder, name))
  const root = realPath(folder)
  if (path === null || root === null || !path.startsWith(`${root}${sep}`)) return null
  return statSync(path).isFile() ? { path, contentType } : null
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}
