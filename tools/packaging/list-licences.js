import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

/**
 * @typedef {{ name: string, version: string, licence: string }} Licence
 * @typedef {Licence & { text: string }} LicenceText
 */

const root = resolve(import.meta.dirname, '../..')

/** Without code that runs. */
const typesOnly = /node_modules\/(@types\/[^/]+|undici-types|type-fest)$/
/** What the bundler does not list: part of it ends up in the page's style sheet. */
const stylePackages = ['tailwindcss']
/** Of packages that name the MIT licence and bring no text of it. */
const holders = { 'onnxruntime-node': 'Microsoft Corporation', 'onnxruntime-common': 'Microsoft Corporation' }

/** Every package that is in what we give out: those that run, and those that are bundled into the page. */
export async function bundledLicences() {
  const found = new Map()
  for (const entry of [...runningPackages(), ...(await pagePackages())]) found.set(entry.name, entry)
  return [...found.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1))
}

/** Those that npm would install without development packages, but types, which have no code. @returns {LicenceText[]} */
function runningPackages() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return Object.entries(packages)
    .map(([path, described]) => ({ path, described, name: path.split('node_modules/').at(-1) ?? '' }))
    .filter(
      ({ path, described, name }) =>
        stylePackages.includes(name) || (path !== '' && !described.dev && !typesOnly.test(path)),
    )
    .map(({ path, described: { version, license }, name }) => ({
      name,
      version,
      licence: license,
      text: licenceText(join(root, path)) || (name in holders ? mitText(holders[name]) : ''),
    }))
}

/** Those whose modules the bundler put into the page. @returns {Promise<LicenceText[]>} */
async function pagePackages() {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-licences-'))
  try {
    await build({
      configFile: join(root, 'renderer/vite.config.ts'),
      logLevel: 'error',
      build: { outDir: folder, license: { fileName: 'licences.json' } },
    })
    const listed = JSON.parse(readFileSync(join(folder, 'licences.json'), 'utf8'))
    return listed.map(({ name, version, identifier, text }) => ({
      name,
      version,
      licence: identifier ?? 'not stated',
      text: (text ?? '').trim(),
    }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} folder of a package */
function licenceText(folder) {
  const file = existsSync(folder) && readdirSync(folder).find((name) => /^licen[cs]e/i.test(name))
  return file ? readFileSync(join(folder, file), 'utf8').trim() : ''
}

/** @param {string} holder */
function mitText(holder) {
  return `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`
}

/** The list that the program shows, and the texts that the licences ask to be given along. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const licences = await bundledLicences()
  const list = licences.map(({ name, version, licence }) => ({ name, version, licence }))
  writeFileSync(join(root, 'resources/licences.json'), `${JSON.stringify(list, undefined, 2)}\n`)
  const texts = licences.map(({ name, version, licence, text }) =>
    [`${name} ${version} (${licence})`, text].filter((part) => part !== '').join('\n\n'),
  )
  const line = `\n\n${'-'.repeat(80)}\n\n`
  const head = 'Zerotune is made with these packages. Electron and Chromium bring their own notices.'
  writeFileSync(join(root, 'resources/third-party-notices.txt'), `${[head, ...texts].join(line)}\n`)
  console.log(`${licences.length} packages`)
}
