import type { BrowserWindowConstructorOptions } from 'electron'

export interface WindowOptions {
  /** The preload script: one CommonJS file. */
  readonly preloadPath: string
  readonly isDark: boolean
  readonly hasDevTools: boolean
}

/** A window whose page has no power of its own: what it may do is in the preload script. */
export function windowOptions({
  preloadPath,
  isDark,
  hasDevTools,
}: WindowOptions): BrowserWindowConstructorOptions {
  return {
    width: 1280,
    height: 800,
    minWidth: 880,
    minHeight: 600,
    show: false,
    title: 'Zerotune',
    // Of the page, so that opening does not flash.
    backgroundColor: isDark ? '#16181b' : '#fbfbfa',
    webPreferences: {
      preload: preloadPath,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      devTools: hasDevTools,
    },
  }
}
