import type { Session, Shell, WebContents } from 'electron'
import { outsideLink } from './outside-links.js'

export interface GuardOptions {
  readonly shell: Pick<Shell, 'openExternal'>
  /** Whether nothing may leave this computer. */
  readonly isOffline: () => boolean
}

/** Keeps a page where it is: no navigation, no windows, no views; a link that is allowed opens in the person's browser. */
export function guardContents(
  contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>,
  { shell, isOffline }: GuardOptions,
): void {
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    const link = outsideLink(url, isOffline())
    if (link !== null) void shell.openExternal(link)
    return { action: 'deny' }
  })
}

/** The one thing a page may do beyond itself: put text on the clipboard when the person presses a button for it. */
const allowedPermission = 'clipboard-sanitized-write'

/** Denies every other permission that a page may ask for, and every request that leaves this computer. */
export function guardSession(
  session: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'webRequest'>,
): void {
  session.setPermissionRequestHandler((_contents, permission, decide) =>
    decide(permission === allowedPermission),
  )
  session.setPermissionCheckHandler((_contents, permission) => permission === allowedPermission)
  session.webRequest.onBeforeRequest((details, decide) => {
    decide({ cancel: !/^(app|devtools|data):/.test(details.url) })
  })
}
