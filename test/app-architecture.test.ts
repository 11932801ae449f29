import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importCircles } from './support/import-circles.js'

/** Which parts of the app may import which others, beside themselves. Only the engine's process knows the core. */
const allowedParts: Readonly<Record<string, readonly string[]>> = {
  'electron/ipc': ['core/schema'],
  'electron/preload': ['electron/ipc'],
  'electron/host': ['electron/ipc', 'core/schema'],
  'electron/main': ['electron/host', 'electron/ipc', 'core/schema'],
  'electron/web': ['electron/host', 'electron/ipc', 'core/schema'],
  'electron/engine': ['electron/ipc', 'core/index.ts', 'core/schema'],
  renderer: ['electron/ipc', 'core/schema'],
}

/** Packages that only some parts may import; those of Node count as one. */
const packageDoors: Readonly<Record<string, readonly string[]>> = {
  electron: ['electron/main', 'electron/preload'],
  ws: ['electron/web'],
  node: ['electron/host', 'electron/main', 'electron/web', 'electron/engine'],
}

const root = resolve(import.meta.dirname, '..')

describe('the architecture of the app', () => {
  const imports = ['electron', 'renderer/src']
    .flatMap((folder) => sourceFiles(join(root, folder)))
    .flatMap((file) => importsOf(file).map((target) => ({ file, target })))

  it('lets its parts import in one direction only', () => {
    const forbidden = imports.filter(({ file, target }) => {
      if (!target.startsWith('.')) return false
      const from = partOf(file)
      const to = partOf(resolve(dirname(file), target))
      const allowed = allowedParts[from] ?? []
      return from !== to && !allowed.includes(to)
    })
    expect(forbidden.map(shown)).toEqual([])
  })

  it('has no files of processes that import each other in a circle', () => {
    const ofProcesses = imports.filter(({ file }) => file.startsWith(join(root, 'electron')))
    expect(importCircles(ofProcesses, root)).toEqual([])
  })

  it('keeps each package behind its door', () => {
    const forbidden = imports.filter(({ file, target }) => {
      const name = target.startsWith('node:') ? 'node' : target
      return Object.hasOwn(packageDoors, name) && !packageDoors[name].includes(partOf(file))
    })
    expect(forbidden.map(shown)).toEqual([])
  })

  it('lets no message reach a handler but through the one that parses it', () => {
    const withText = (pattern: RegExp): string[] =>
      sourceFiles(join(root, 'electron'))
        .filter((file) => pattern.test(readFileSync(file, 'utf8')))
        .map((file) => relative(root, file).split(sep).join('/'))
    expect(withText(/\bhandlers\s*(\[|\.(?!js\b)\w)/)).toEqual(['electron/ipc/answer.ts'])
    expect(withText(/\bipcMain\b/)).toEqual(['electron/main/answer-requests.ts'])
    const only = readFileSync(join(root, 'electron/main/answer-requests.ts'), 'utf8')
    expect(only.match(/ipcMain\.\w+\(/g)).toEqual(['ipcMain.handle('])
  })

  it('splits the files of processes before they pass 300 lines', () => {
    const long = sourceFiles(join(root, 'electron')).filter(
      (file) => readFileSync(file, 'utf8').split('\n').length > 301,
    )
    expect(long.map((file) => relative(root, file))).toEqual([])
  })
})

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sourceFiles(path)
    return /\.(ts|vue)$/.test(entry.name) ? [path] : []
  })
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'/gms)].map(
    (match) => match[1],
  )
}

/** `electron/main`, `core/schema`, `core/index.ts`, `renderer`: the first two folders, but the page is one. */
function partOf(path: string): string {
  const [first, second] = relative(root, path).replace(/\.js$/, '.ts').split(sep)
  return first === 'renderer' ? first : `${first}/${second}`
}

function shown({ file, target }: { file: string; target: string }): string {
  return `${relative(root, file)} imports ${target}`
}
