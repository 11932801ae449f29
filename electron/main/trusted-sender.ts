/** Where the window's page lives. */
export const pageOrigin = 'app://zerotune'

/** The part of Electron's IPC event that says who asks. */
export interface SenderFrame {
  readonly url: string
  readonly parent: object | null
}

/** True where a message comes from our own page itself: not from a frame in it, nor from a page that is gone. */
export function isTrustedFrame(frame: SenderFrame | null): boolean {
  if (frame === null || frame.parent !== null) return false
  return isPageAddress(frame.url)
}

/** True for addresses of the page's own files. */
export function isPageAddress(address: string): boolean {
  return URL.canParse(address) && address.startsWith(`${pageOrigin}/`)
}
