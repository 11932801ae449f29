import { dirname, relative, resolve } from 'node:path'

/** A file and what it imports: a relative path, or a package. */
export interface Import {
  readonly file: string
  readonly target: string
}

/**
 * Files that import each other round in a circle, types included, each circle as the paths along it. Where one part has several
 * circles, one of them is found.
 *
 * @param root what shown paths are relative to
 */
export function importCircles(imports: readonly Import[], root: string): string[] {
  const targets = new Map<string, string[]>()
  for (const { file, target } of imports) {
    if (!target.startsWith('.')) continue
    const path = resolve(dirname(file), target).replace(/\.js$/, '.ts')
    targets.set(file, [...(targets.get(file) ?? []), path])
  }
  const finished = new Set<string>()
  const path: string[] = []
  const circles: string[] = []
  const visit = (file: string): void => {
    if (finished.has(file)) return
    const start = path.indexOf(file)
    if (start >= 0) {
      circles.push([...path.slice(start), file].map((each) => relative(root, each)).join(' → '))
      return
    }
    path.push(file)
    for (const target of targets.get(file) ?? []) visit(target)
    path.pop()
    finished.add(file)
  }
  for (const file of targets.keys()) visit(file)
  return circles
}
