import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SavedToken, type Safe } from '../../electron/host/saved-token.js'
import { systemSafe, type Storage } from '../../electron/main/system-safe.js'
import { temporaryFolder } from '../support/temporary-folder.js'

/** Not one to trust. */
const reversing = (isOpen: boolean): Safe => ({
  open: () => Promise.resolve(isOpen),
  encrypt: (text) => Promise.resolve(Buffer.from(text).reverse()),
  decrypt: (bytes) => Promise.resolve(Buffer.from(bytes).reverse().toString()),
})

async function open(path: string, safe: Safe | null): Promise<SavedToken> {
  const token = new SavedToken(path, safe)
  await token.load()
  return token
}

describe('a token', () => {
  it('is kept encrypted where the system has a safe, for this person alone', async () => {
    const path = join(temporaryFolder(), 'state', 'hub-token')
    const token = await open(path, reversing(true))
    expect(token.describe()).toEqual({ isSet: false, place: 'safe' })
    await token.save('hf_secret')
    expect(readFileSync(path, 'utf8')).toBe('terces_fh')
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
    const later = await open(path, reversing(true))
    expect([later.value, later.describe()]).toEqual(['hf_secret', { isSet: true, place: 'safe' }])
    await later.save(null)
    expect(existsSync(path)).toBe(false)
    expect((await open(path, reversing(true))).value).toBeNull()
  })

  it.each([null, reversing(false)])('never lies on the disk where there is no safe', async (safe) => {
    const path = join(temporaryFolder(), 'hub-token')
    const token = await open(path, safe)
    await token.save('hf_secret')
    expect([token.value, token.describe()]).toEqual(['hf_secret', { isSet: true, place: 'memory' }])
    expect(existsSync(path)).toBe(false)
  })

  it('that cannot be decrypted any more is none', async () => {
    const path = join(temporaryFolder(), 'hub-token')
    writeFileSync(path, 'x')
    const broken: Safe = { ...reversing(true), decrypt: () => Promise.reject(new Error('another key')) }
    expect((await open(path, broken)).describe()).toEqual({ isSet: false, place: 'safe' })
  })
})

describe('the safe of the system', () => {
  it.each([
    ['darwin', 'unknown', true],
    ['linux', 'gnome_libsecret', true],
    ['linux', 'basic_text', false],
    ['linux', 'unknown', false],
  ] as const)('on %s with %s is open: %s', async (platform, backend, isOpen) => {
    const storage = (isAvailable: boolean): Storage => ({
      isAsyncEncryptionAvailable: () => Promise.resolve(isAvailable),
      getSelectedStorageBackend: () => backend,
      encryptStringAsync: (text) => Promise.resolve(Buffer.from(text)),
      decryptStringAsync: (bytes) => Promise.resolve({ result: bytes.toString(), shouldReEncrypt: false }),
    })
    const safe = systemSafe(storage(true), platform)
    expect(await safe.open()).toBe(isOpen)
    expect(await safe.decrypt(await safe.encrypt('hf_secret'))).toBe('hf_secret')
    expect(await systemSafe(storage(false), platform).open()).toBe(false)
  })
})
