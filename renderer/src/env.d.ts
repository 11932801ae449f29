import type { Bridge } from '../../electron/ipc/contract.js'

declare global {
  interface Window {
    /** Put there by Electron's preload script; absent in a browser. */
    readonly bridge?: Bridge
  }
}
