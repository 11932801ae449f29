import { sep } from 'node:path'

/** A path for people: `~` for their own folder. */
export function shownPath(path: string, homeFolder: string): string {
  if (path === homeFolder) return '~'
  return homeFolder !== '' && path.startsWith(`${homeFolder}${sep}`)
    ? `~${path.slice(homeFolder.length)}`
    : path
}
