import type { SafeStorage } from 'electron'
import type { Safe } from '../host/saved-token.js'

/** The part of Electron's safe storage that is used here. */
export type Storage = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>

/** Electron's safe storage. On Linux it may have only a key that everybody knows: that is no safe. */
export function systemSafe(storage: Storage, platform: string): Safe {
  const hasOwnKey = (): boolean =>
    platform !== 'linux' || !['basic_text', 'unknown'].includes(storage.getSelectedStorageBackend())
  return {
    open: async () => (await storage.isAsyncEncryptionAvailable()) && hasOwnKey(),
    encrypt: (text) => storage.encryptStringAsync(text),
    decrypt: async (bytes) => (await storage.decryptStringAsync(Buffer.from(bytes))).result,
  }
}
