import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importCircles } from './support/import-circles.js'

/** Which rooms of the core a room may import from, beside itself. `*` is any. One direction, no circles. */
const allowedRooms: Readonly<Record<string, readonly string[]>> = {
  schema: [],
  random: [],
  wasm: [],
  formats: ['schema'],
  quantization: ['formats', 'schema', 'wasm'],
  model: ['formats', 'quantization', 'schema'],
  data: ['formats', 'model', 'random', 'schema'],
  hub: ['formats', 'schema'],
  graph: ['model', 'quantization', 'schema'],
  runtime: ['schema'],
  memory: ['engine', 'formats', 'model', 'quantization', 'schema'],
  engine: ['graph', 'runtime', 'model', 'quantization', 'data', 'formats', 'random', 'schema'],
  parameters: ['engine', 'model', 'quantization', 'random', 'runtime', 'schema', 'wasm'],
  optimizer: ['quantization', 'random', 'schema'],
  evaluation: ['engine', 'data', 'random', 'schema'],
  training: [
    'engine',
    'data',
    'evaluation',
    'formats',
    'memory',
    'model',
    'optimizer',
    'parameters',
    'random',
    'runtime',
    'schema',
  ],
  export: [
    'engine',
    'data',
    'evaluation',
    'formats',
    'graph',
    'model',
    'parameters',
    'quantization',
    'random',
    'runtime',
    'schema',
    'training',
  ],
  cli: ['*'],
}

/** Packages that only some rooms may import. */
const packageDoors: Readonly<Partial<Record<string, readonly string[]>>> = {
  'onnxruntime-node': ['runtime'],
  'onnx-proto': ['formats', 'graph'],
  'protobufjs/minimal.js': ['formats'],
  commander: ['cli'],
  '@huggingface/jinja': ['data'],
  'eld/extrasmall': ['data'],
  fflate: ['data'],
  fzstd: ['data'],
  'hyparquet-compressors': ['data'],
  'quickjs-emscripten-core': ['evaluation'],
  '@jitl/quickjs-wasmfile-release-sync': ['evaluation'],
}

const root = resolve(import.meta.dirname, '..')
const core = join(root, 'core')

describe('the architecture', () => {
  const imports = sourceFiles(core).flatMap((file) => importsOf(file).map((target) => ({ file, target })))

  it('lets rooms import in one direction only', () => {
    const forbidden = imports.filter(({ file, target }) => {
      if (!target.startsWith('.')) return false
      const from = roomOf(file)
      const to = roomOf(resolve(dirname(file), target))
      const allowed = allowedRooms[from] ?? []
      return from !== to && from !== 'index.ts' && !allowed.includes(to) && !allowed.includes('*')
    })
    expect(forbidden.map(shown)).toEqual([])
  })

  it('has no files that import each other in a circle', () => {
    expect(importCircles(imports, root)).toEqual([])
    const circle = [
      { file: '/a/one.ts', target: './two.js' },
      { file: '/a/two.ts', target: '../a/one.js' },
      { file: '/a/two.ts', target: './three.js' },
    ]
    expect(importCircles(circle, '/a')).toEqual(['one.ts → two.ts → one.ts'])
  })

  it('has a row in the table for every room', () => {
    const rooms = readdirSync(core).filter((name) => statSync(join(core, name)).isDirectory())
    expect(rooms.filter((room) => !(room in allowedRooms))).toEqual([])
  })

  it('keeps each package behind its door', () => {
    const forbidden = imports.filter(({ file, target }) => {
      const doors = packageDoors[target]
      return doors !== undefined && !doors.includes(roomOf(file))
    })
    expect(forbidden.map(shown)).toEqual([])
  })

  it('keeps the core free of Electron, Vue and the DOM', () => {
    const forbidden = imports.filter(({ target }) => /^(electron|vue|pinia)($|\/)/.test(target))
    expect(forbidden.map(shown)).toEqual([])
  })

  it('keeps the schema free of everything but zod', () => {
    const packages = imports
      .filter(({ file, target }) => roomOf(file) === 'schema' && !target.startsWith('.'))
      .map(({ target }) => target)
    expect([...new Set(packages)]).toEqual(['zod'])
  })

  it('splits files before they pass 300 lines', () => {
    const long = sourceFiles(core).filter((file) => readFileSync(file, 'utf8').split('\n').length > 301)
    expect(long.map((file) => relative(root, file))).toEqual([])
  })
})

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sourceFiles(path)
    return entry.name.endsWith('.ts') ? [path] : []
  })
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'/gms)].map(
    (match) => match[1],
  )
}

function roomOf(path: string): string {
  return relative(core, path).split(sep)[0]
}

function shown({ file, target }: { file: string; target: string }): string {
  return `${relative(root, file)} imports ${target}`
}
