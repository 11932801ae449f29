import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import afterBuild from '../../tools/packaging/after-build.js'
import { packingFaults } from '../../tools/packaging/check-packed.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const root = resolve(import.meta.dirname, '../..')
const libraries = 'app.asar.unpacked/node_modules/onnxruntime-node/bin/napi-v6'

interface Configuration {
  readonly electronFuses: Readonly<Record<string, boolean>>
  readonly asarUnpack: readonly string[]
  readonly fileAssociations: readonly { readonly ext: string; readonly mimeType: string }[]
}

describe("electron-builder's configuration", () => {
  const check = join(root, 'tools/packaging/check-configuration.js')
  /** Fails where it is not one that electron-builder takes. */
  const printed = execFileSync(process.execPath, [check], { cwd: root, encoding: 'utf8' })
  const configuration = JSON.parse(printed) as Configuration

  it('flips every fuse the safe way', () => {
    expect(configuration.electronFuses).toEqual({
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

  it('keeps the libraries of the runtime whole, beside the archive, and opens models', () => {
    expect(configuration.asarUnpack).toEqual(['**/node_modules/onnxruntime-node/bin/**'])
    expect(configuration.fileAssociations).toMatchObject([{ ext: 'gguf', mimeType: 'application/x-gguf' }])
  })
})

describe('the icons', () => {
  const file = (name: string): Buffer => readFileSync(join(root, 'resources/packaging', name))

  it('of Windows have every usual size', () => {
    const ico = file('icon.ico')
    const entries = Array.from({ length: ico.readUInt16LE(4) }, (_, index) => 6 + 16 * index)
    const sizes = entries.map((at) => pngSize(ico.subarray(ico.readUInt32LE(at + 12))))
    expect(sizes).toEqual([16, 24, 32, 48, 64, 128, 256])
    const last = entries.at(-1) ?? 0
    expect(ico.readUInt32LE(last + 8) + ico.readUInt32LE(last + 12)).toBe(ico.length)
  })

  it('of macOS have every size, for usual and dense screens', () => {
    const icns = file('icon.icns')
    expect(icns.toString('latin1', 0, 4)).toBe('icns')
    expect(icns.readUInt32BE(4)).toBe(icns.length)
    const sizes: Record<string, number> = {}
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) {
      sizes[icns.toString('latin1', at, at + 4)] = pngSize(icns.subarray(at + 8))
    }
    expect(sizes).toEqual({
      icp4: 16,
      icp5: 32,
      ic07: 128,
      ic08: 256,
      ic09: 512,
      ic10: 1024,
      ic11: 32,
      ic12: 64,
      ic13: 256,
      ic14: 512,
    })
  })

  it('of Linux are named by their sizes', () => {
    for (const name of readdirSync(join(root, 'resources/packaging/icons'))) {
      const size = pngSize(file(join('icons', name)))
      expect(name).toBe(`${size}x${size}.png`)
    }
  })
})

/** Programs of other people may be given on under these. */
const allowedLicences = /^(MIT|ISC|0BSD|Apache-2\.0|BSD-3-Clause|\(MIT OR CC0-1\.0\))$/

describe('the licences of what we give out', () => {
  const read = (name: string): string => readFileSync(join(root, name), 'utf8')
  const listed = JSON.parse(read('resources/licences.json')) as readonly Record<
    'name' | 'version' | 'licence',
    string
  >[]

  it('are all known and allowed, and their texts are given along', () => {
    const notices = read('resources/third-party-notices.txt')
    for (const { name, version, licence } of listed) {
      expect(licence, name).toMatch(allowedLicences)
      expect(notices).toContain(`\n${name} ${version} (${licence})\n`)
    }
  })

  it('are those of the packages that are installed: npm run licences', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { version: string; license: string } | undefined>
    }
    for (const { name, version, licence } of listed) {
      expect(packages[`node_modules/${name}`]).toMatchObject({ version, license: licence })
    }
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: object }
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(dependencies)))
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

describe('the fuses of a packed program', () => {
  it('pass as they are configured, whatever the platform', async () => {
    for (const path of ['linux-unpacked/zerotune', 'win-unpacked/Zerotune.exe']) {
      expect(await afterBuild({ outDir: withProgram(path, '01001100') })).toEqual([])
    }
    const ofMac = 'mac-arm64/Zerotune.app/Contents/Frameworks/Electron Framework.framework/Electron Framework'
    expect(await afterBuild({ outDir: withProgram(ofMac, '01001100') })).toEqual([])
  })

  it.each([
    ['11001100', /RunAsNode is on, expected off/],
    ['01011100', /EnableNodeCliInspectArguments is on/],
    ['0100110', /GrantFileProtocolExtraPrivileges is missing/],
    ['0100r100', /EnableEmbeddedAsarIntegrityValidation is missing/],
  ])('fail as %s', async (fuses, fault) => {
    await expect(afterBuild({ outDir: withProgram('linux-unpacked/zerotune', fuses) })).rejects.toThrow(fault)
  })

  it('fail where no program was built', async () => {
    await expect(afterBuild({ outDir: temporaryFolder() })).rejects.toThrow('there is no program')
  })
})

/** A made-up program: some bytes, then fuses as Electron writes them: a mark, version, length, a digit for each. */
function withProgram(path: string, fuses: string): string {
  const folder = temporaryFolder()
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  const wire = Buffer.from(`dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\x01${String.fromCharCode(fuses.length)}${fuses}`)
  writeFileSync(join(folder, path), Buffer.concat([Buffer.alloc(64, 7), wire, Buffer.alloc(64, 7)]))
  return folder
}

/** Width of a PNG image, which must be square. */
function pngSize(bytes: Buffer): number {
  expect(bytes.toString('latin1', 1, 4)).toBe('PNG')
  expect(bytes.readUInt32BE(16)).toBe(bytes.readUInt32BE(20))
  return bytes.readUInt32BE(16)
}

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
