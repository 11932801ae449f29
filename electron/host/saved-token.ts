import { readFileSync, rmSync } from 'node:fs'
import type { HubToken } from '../ipc/hub.js'
import { replaceFile } from './replace-file.js'

/** Encrypts with a key that the system keeps. */
export interface Safe {
  /** Whether the system lets this program use it. */
  open(): Promise<boolean>
  encrypt(text: string): Promise<Uint8Array>
  decrypt(bytes: Uint8Array): Promise<string>
}

/** A token for the hub: encrypted on the disk where the system has a safe, otherwise in this process alone. Never in the page. */
export class SavedToken {
  readonly #path: string
  readonly #safe: Safe | null
  #isSafe = false
  #value: string | null = null

  /** @param safe null where nothing here can encrypt */
  constructor(path: string, safe: Safe | null) {
    this.#path = path
    this.#safe = safe
  }

  /** Null without one. */
  get value(): string | null {
    return this.#value
  }

  /** Reads what an earlier process kept; nothing where it cannot be decrypted any more. Before anything else, once the app is ready. */
  async load(): Promise<void> {
    try {
      this.#isSafe = (await this.#safe?.open()) === true
      if (this.#isSafe) this.#value = (await this.#safe?.decrypt(readFileSync(this.#path))) ?? null
    } catch {
      // Then there is none, and it can be given again.
    }
  }

  describe(): HubToken {
    return { isSet: this.#value !== null, place: this.#isSafe ? 'safe' : 'memory' }
  }

  /** Null forgets it, here and on the disk. */
  async save(token: string | null): Promise<void> {
    this.#value = token
    if (token === null) rmSync(this.#path, { force: true })
    else if (this.#safe !== null && this.#isSafe) {
      // For this person alone.
      replaceFile(this.#path, await this.#safe.encrypt(token), 0o600)
    }
  }
}
