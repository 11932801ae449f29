import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packingFaults } from '../../tools/packaging/check-packed.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const root = resolve(import.meta.dirname, '../..')
const libraries = 'app.asar.unpacked/node_modules/onnxruntime-node/bin/napi-v6'

describe("electron-builder's configuration", () => {
  it('is one that electron-builder takes', () => {
    const check = join(root, 'tools/packaging/check-configuration.js')
    expect(execFileSync(process.execPath, [check], { cwd: root, encoding: 'utf8' })).toMatch(/valid/)
  })

  it('flips every fuse the safe way', () => {
    const text = readFileSync(join(root, 'electron-builder.yml'), 'utf8')
    const fuses = Object.fromEntries(
      [...text.matchAll(/^ {2}(\w+): (true|false)$/gm)].map(([, name, value]) => [name, value === 'true']),
    )
    expect(fuses).toMatchObject({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableCookieEncryption: true,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
      loadBrowserProcessSpecificV8Snapshot: false,
    })
  })
})

describe('a packed program', () => {
  it('passes with the libraries of its platform alone', () => {
    expect(packingFaults(packed(['linux/x64/onnxruntime_binding.node']), 'linux', 'x64')).toEqual([])
  })

  it.each([
    [
      'libraries of another platform',
      ['linux/x64/onnxruntime_binding.node', 'win32/x64/onnxruntime.dll'],
      /win32\/x64/,
    ],
    ['those of another processor', ['linux/arm64/onnxruntime_binding.node'], /linux\/x64 are missing/],
    [
      'a binding that stayed in the archive',
      ['linux/x64/libonnxruntime.so.1'],
      /binding\.node is not beside/,
    ],
    [
      'a model',
      ['linux/x64/onnxruntime_binding.node', '../../../../../model.gguf'],
      /models are packed: model\.gguf/,
    ],
  ])('fails with %s', (_, files, fault) => {
    expect(packingFaults(packed(files), 'linux', 'x64').join('; ')).toMatch(fault)
  })
})

/** A made-up tree as electron-builder leaves it; files are named from the folder of libraries on. */
function packed(files: readonly string[]): string {
  const resources = temporaryFolder()
  for (const file of files) {
    const path = join(resources, libraries, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, 'x')
  }
  return resources
}
