import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const source = join(root, 'renderer/src')

/** All that a page is made of. Anything else would have to be allowed here, with a reason. */
const packages = new Set([
  'vue',
  'vue-router',
  'vue-i18n',
  'pinia',
  'reka-ui',
  '@lucide/vue',
  '@tanstack/vue-virtual',
  'echarts/core',
  'echarts/charts',
  'echarts/components',
  'echarts/renderers',
])

interface Import {
  readonly file: string
  readonly target: string
  readonly isTypeOnly: boolean
}

describe('the architecture of the renderer', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|vue)$/.test(name))
    .map((name) => join(source, name))
  const imports = files.flatMap(importsOf)
  const shown = ({ file, target }: Import) => `${relative(root, file)} imports ${target}`

  it('reaches out of its folder for the contract and the schema only', () => {
    const forbidden = imports.filter(({ file, target }) => {
      if (!target.startsWith('.')) return false
      const path = relative(root, resolve(dirname(file), target))
      return !/^(renderer\/src|electron\/ipc|core\/schema)\//.test(path)
    })
    expect(forbidden.map(shown)).toEqual([])
  })

  it('takes types alone from there, so that no schema library reaches the page', () => {
    const values = imports.filter(({ target, isTypeOnly }) => /(electron|core)\//.test(target) && !isTypeOnly)
    expect([...new Set(values.map(({ target }) => target.split('/').at(-1)))].toSorted()).toEqual([
      'device-problems.js',
      'engine-error.js',
      'model-problems.js',
      'notices.js',
      'request-issues.js',
      'row-problems.js',
    ])
  })

  it('uses only the packages of its table', () => {
    const forbidden = imports.filter(({ target }) => !target.startsWith('.') && !packages.has(target))
    expect(forbidden.map(shown)).toEqual([])
  })

  it('keeps the parts of ui/ free of the app', () => {
    const forbidden = imports.filter(({ file, target }) => {
      if (!relative(source, file).startsWith('ui/') || !target.startsWith('.')) return false
      return !relative(source, resolve(dirname(file), target)).startsWith('ui/')
    })
    expect(forbidden.map(shown)).toEqual([])
  })

  it('shows text as text: no markup from strings anywhere', () => {
    const unsafe = files.filter((file) =>
      /v-html|innerHTML|insertAdjacentHTML|document\.write/.test(readFileSync(file, 'utf8')),
    )
    expect(unsafe).toEqual([])
  })

  it('splits files before they pass 300 lines', () => {
    const long = files.filter((file) => readFileSync(file, 'utf8').split('\n').length > 301)
    expect(long.map((file) => relative(root, file))).toEqual([])
  })
})

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(file, 'utf8')
  const statics = [...text.matchAll(/^(?:import|export)\s[^'"]*?from '([^']+)'/gms)].map((match) => ({
    file,
    target: match[1],
    isTypeOnly: /^(import|export)\s+type\b/.test(match[0]),
  }))
  const others = [...text.matchAll(/(?:^import |import\()'([^']+)'/gm)].map(([, target = '']) => ({
    file,
    target,
    isTypeOnly: false,
  }))
  return [...statics, ...others]
}
