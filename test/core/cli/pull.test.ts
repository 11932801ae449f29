import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { libraryFolders, modelsFolder } from '../../../core/cli/own-folders.js'
import * as host from '../../../electron/host/app-folders.js'
import { runCommand } from '../../support/command-line.js'
import { openFakeHub, type FakeRepository } from '../../support/fake-hub.js'
import { randomBytes } from '../../support/random-bytes.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const q4 = randomBytes(5000, 1)
const repositories: Readonly<Record<string, FakeRepository>> = {
  'someone/tiny': { files: { 'tiny-Q4_K_M.gguf': q4, 'tiny-Q8_0.gguf': randomBytes(9000, 2) } },
  'someone/unclear': { files: { 'a-Q8_0.gguf': q4, 'b-Q6_K.gguf': randomBytes(4000, 3) } },
  'someone/gated': { files: { 'tiny-Q4_0.gguf': q4 }, gated: true },
  'someone/rows': {
    files: { 'train.jsonl': Buffer.from('{"a":1}\n'), 'README.md': Buffer.from('x') },
    tags: [],
  },
}

afterEach(() => vi.unstubAllEnvs())

/** The home of a person whose hub is the fake one. */
async function atHome(): Promise<string> {
  const fake = await openFakeHub(repositories, { isOneHost: true })
  const home = temporaryFolder()
  vi.stubEnv('ZEROTUNE_HOME', home)
  vi.stubEnv('ZEROTUNE_MODELS', undefined)
  vi.stubEnv('HF_ENDPOINT', fake.endpoint)
  vi.stubEnv('HF_TOKEN', undefined)
  vi.stubEnv('HF_HUB_OFFLINE', undefined)
  vi.stubEnv('HF_HUB_CACHE', join(home, 'hub'))
  vi.stubEnv('OLLAMA_MODELS', join(home, 'ollama'))
  return home
}

describe('zerotune pull', () => {
  it('takes the usual 4-bit file, checks it, and says where it is', async () => {
    const home = await atHome()
    const outcome = await runCommand('pull', 'someone/tiny')
    const path = join(home, 'models', 'someone', 'tiny', 'tiny-Q4_K_M.gguf')
    expect(outcome).toMatchObject({ status: 0, errors: '' })
    expect(outcome.output).toContain(`fetched, and its hash is the hub's: ${path}`)
    expect(readFileSync(path).equals(q4)).toBe(true)
    const again = await runCommand('pull', 'someone/tiny', '--json')
    expect(again.json().at(-1)).toMatchObject({ type: 'pulled', path, byteLength: 5000 })
  })

  it('takes a file by its name or its quantization', async () => {
    const home = await atHome()
    expect((await runCommand('pull', 'someone/tiny:q8_0')).status).toBe(0)
    expect(readFileSync(join(home, 'models/someone/tiny/tiny-Q8_0.gguf'))).toHaveLength(9000)
    const outcome = await runCommand('pull', 'someone/tiny:Q5_1')
    expect(outcome).toMatchObject({ status: 2 })
    expect(outcome.errors).toMatch(/has no file 'Q5_1'.*--list.*\[hub-not-found\]/)
  })

  it('lists what there is, with sizes and budgets, where it is not clear what is meant', async () => {
    await atHome()
    const outcome = await runCommand('pull', 'someone/unclear')
    expect(outcome.status).toBe(2)
    expect(outcome.errors).toMatch(/has several; name one: zerotune pull someone\/unclear:FILE/)
    expect(outcome.output).toContain('someone/unclear, licence apache-2.0')
    expect(outcome.output).toMatch(/b-Q6_K\.gguf +4\.0 kB +trains in about 350 MB/)
    const listed = await runCommand('pull', 'someone/tiny', '--list', '--json')
    expect(listed.status).toBe(0)
    expect(listed.json()).toMatchObject([
      {
        type: 'offers',
        offers: [{ name: 'tiny-Q4_K_M.gguf', byteLength: 5000, fits: true }, { name: 'tiny-Q8_0.gguf' }],
      },
    ])
  })

  it('lists models to begin with where none is named, and asks nobody', async () => {
    await atHome()
    const send = vi.spyOn(globalThis, 'fetch')
    const outcome = await runCommand('pull')
    expect(outcome).toMatchObject({ status: 0, errors: '' })
    expect(outcome.output).toMatch(
      /SmolLM2-135M-Instruct-GGUF +about 105 MB, licence apache-2\.0, trains in about 455 MB/,
    )
    expect(send).not.toHaveBeenCalled()
    send.mockRestore()
  })

  it('uses a model where another program keeps it', async () => {
    const home = await atHome()
    const blobs = join(home, 'ollama', 'blobs')
    mkdirSync(blobs, { recursive: true })
    const path = join(blobs, `sha256-${createHash('sha256').update(q4).digest('hex')}`)
    writeFileSync(path, q4)
    const outcome = await runCommand('pull', 'someone/tiny')
    expect(outcome.output).toContain(`already on this computer (ollama, same hash)`)
    expect(outcome.output).toContain(path)
    expect(existsSync(join(home, 'models'))).toBe(false)
  })

  it('fetches a file of a data set', async () => {
    const home = await atHome()
    expect(await runCommand('pull', 'someone/rows', '--dataset')).toMatchObject({ status: 0, errors: '' })
    expect(readFileSync(join(home, 'models/datasets/someone/rows/train.jsonl'), 'utf8')).toBe('{"a":1}\n')
  })

  it('takes a token from the environment or a file, and never shows it', async () => {
    const home = await atHome()
    const denied = await runCommand('pull', 'someone/gated', '--verbose')
    expect(denied.errors).toMatch(/needs a token \(HF_TOKEN or --token-file\).*\[hub-denied\]/)
    vi.stubEnv('HF_TOKEN', 'hf_wrong_secret')
    const wrong = await runCommand('pull', 'someone/gated', '--verbose')
    expect(wrong.errors).toMatch(/the token has no access to it.*\[hub-denied\]/)
    expect(wrong.errors + wrong.output).not.toContain('hf_wrong_secret')
    const file = join(home, 'token')
    writeFileSync(file, 'hf_good\n')
    expect((await runCommand('pull', 'someone/gated', '--token-file', file)).status).toBe(0)
    writeFileSync(file, 'two words')
    expect((await runCommand('pull', 'someone/gated', '--token-file', file)).errors).not.toContain(
      'two words',
    )
  })

  it('sends nothing where the network is switched off, or the mirror is not encrypted', async () => {
    await atHome()
    const send = vi.spyOn(globalThis, 'fetch')
    vi.stubEnv('HF_HUB_OFFLINE', '1')
    expect((await runCommand('pull', 'someone/tiny')).errors).toMatch(/\[network-off\]/)
    vi.stubEnv('HF_HUB_OFFLINE', undefined)
    vi.stubEnv('HF_ENDPOINT', 'http://mirror.example')
    expect((await runCommand('pull', 'someone/tiny')).errors).toMatch(/\[request-invalid\]/)
    expect(send).not.toHaveBeenCalled()
    send.mockRestore()
  })
})

describe('folders', () => {
  it.each([
    [{}, 'linux'],
    [{ XDG_DATA_HOME: '/data', XDG_CACHE_HOME: '/cache' }, 'linux'],
    [{ HF_HOME: '/hf', OLLAMA_MODELS: '/ollama' }, 'darwin'],
    [{ LOCALAPPDATA: 'C:\\Local', HF_HUB_CACHE: 'D:\\hub' }, 'win32'],
    [{ ZEROTUNE_HOME: '/zt' }, 'linux'],
    [{ ZEROTUNE_MODELS: '/models', ZEROTUNE_HOME: '/zt' }, 'linux'],
  ] as const)('are the same for the command line and the app: %j on %s', (environment, platform) => {
    expect(modelsFolder(environment, platform, '/home/me')).toBe(
      host.modelsFolder(environment, platform, '/home/me'),
    )
    expect(libraryFolders(environment, '/home/me')).toEqual(host.libraryFolders(environment, '/home/me'))
  })
})
