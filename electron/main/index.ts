import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import {
  app,
  BrowserWindow,
  dialog,
  Menu,
  nativeTheme,
  powerSaveBlocker,
  protocol,
  safeStorage,
  session,
  shell,
  utilityProcess,
} from 'electron'
import { engineEnvironment } from '../host/app-folders.js'
import { hostHandlers, valueOf } from '../host/host-handlers.js'
import { openHost } from '../host/open-host.js'
import { eventChannel } from '../ipc/channels.js'
import type { EventPayload, Tell } from '../ipc/contract.js'
import { modelEntry } from '../ipc/models.js'
import { answerRequests } from './answer-requests.js'
import { dialogHandlers } from './dialogs.js'
import { forkUtility } from './fork-utility.js'
import { guardContents, guardSession } from './guard-contents.js'
import { appMenu } from './menu.js'
import { modelArgument } from './model-argument.js'
import { answerPage, pageScheme } from './page-protocol.js'
import { quitGuard, type QuitAnswer } from './quit.js'
import { quitText } from './quit-text.js'
import { requestAnswerer } from './request-answerer.js'
import { SleepBlocker } from './sleep-blocker.js'
import { systemSafe } from './system-safe.js'
import { pageOrigin } from './trusted-sender.js'
import { windowOptions } from './window-options.js'

const built = resolve(import.meta.dirname, '..')
const checksOutput = !app.isPackaged
const watchEveryMs = 1000
/** Time for the run to stop and be kept. */
const closeLimitMs = 30_000

protocol.registerSchemesAsPrivileged([pageScheme])
app.enableSandbox()
app.setAppUserModelId('dev.zerotune.app')

if (app.requestSingleInstanceLock()) void start()
else app.quit()

async function start(): Promise<void> {
  let window: BrowserWindow | null = null
  const sleep = new SleepBlocker(powerSaveBlocker)
  const tell: Tell = (name, payload) => {
    if (name === 'run.changed') sleep.note(payload as EventPayload<'run.changed'>)
    if (name === 'engine.changed' && (payload as EventPayload<'engine.changed'>).state === 'gone')
      sleep.release()
    if (name === 'settings.changed') {
      nativeTheme.themeSource = (payload as EventPayload<'settings.changed'>).theme
    }
    if (window !== null && !window.isDestroyed()) window.webContents.send(eventChannel, name, payload)
  }
  const { engine, settings, wizard, token } = openHost({
    stateFolder: app.getPath('userData'),
    homeFolder: homedir(),
    platform: process.platform,
    environment: process.env,
    safe: systemSafe(safeStorage, process.platform),
    hostName: `Electron ${process.versions.electron}`,
    checksOutput,
    fork: () =>
      forkUtility(
        (path, args, options) => utilityProcess.fork(path, args, options),
        join(built, 'main', 'engine.js'),
        engineEnvironment(process.env),
      ),
    tell,
  })

  const open = (): void => {
    const preloadPath = join(built, 'preload', 'index.cjs')
    const opened = new BrowserWindow(
      windowOptions({ preloadPath, isDark: nativeTheme.shouldUseDarkColors, hasDevTools: !app.isPackaged }),
    )
    window = opened
    opened.once('ready-to-show', () => opened.show())
    opened.on('closed', () => {
      window = null
    })
    // The run goes on in the engine; a new page asks for it.
    opened.webContents.on('render-process-gone', () => opened.reload())
    void opened.loadURL(`${pageOrigin}/index.html`)
  }
  const openModel = async (args: readonly string[]): Promise<void> => {
    const path = modelArgument(args)
    if (path === null) return
    const reply = await engine.request('model.open', { path: resolve(path) })
    if (reply.ok) tell('model.opened', modelEntry.parse(reply.value))
  }

  app.on('web-contents-created', (_, contents) => {
    guardContents(contents, { shell, isOffline: () => settings.value.isOffline })
  })
  app.on('second-instance', (_, args) => {
    if (window === null) open()
    else {
      if (window.isMinimized()) window.restore()
      window.focus()
    }
    void openModel(args)
  })
  app.on('open-file', (event, path) => {
    event.preventDefault()
    void openModel(['', path])
  })
  app.on('activate', () => {
    if (window === null) open()
  })
  app.on('window-all-closed', () => app.quit())
  const mayQuit = quitGuard({
    runId: () => engine.runId,
    ask: async (): Promise<QuitAnswer> => {
      const { message, detail, stop, cancel } = quitText(settings.value.language ?? app.getLocale())
      const options = {
        type: 'question' as const,
        message,
        detail,
        buttons: [stop, cancel],
        defaultId: 0,
        cancelId: 1,
      }
      const { response } = await dialog.showMessageBox(options)
      return response === 0 ? 'stop' : 'cancel'
    },
    closeEngine: () => engine.close(closeLimitMs),
    quit: () => app.quit(),
  })
  app.on('before-quit', (event) => {
    if (!mayQuit()) event.preventDefault()
  })

  await app.whenReady()
  nativeTheme.themeSource = settings.value.theme
  protocol.handle(pageScheme.scheme, (request) => answerPage(join(built, 'renderer'), request))
  guardSession(session.defaultSession)
  Menu.setApplicationMenu(Menu.buildFromTemplate(appMenu(process.platform, !app.isPackaged)))
  const answerer = requestAnswerer({
    engine,
    checksOutput,
    handlers: {
      ...hostHandlers({
        host: 'electron',
        platform: process.platform,
        engine,
        settings,
        wizard,
        token,
        tell,
      }),
      ...dialogHandlers({ dialog, engine, window: () => window }),
      'export.reveal': async ({ exportId }) => {
        shell.showItemInFolder(String(valueOf(await engine.locate('export', exportId))))
        return null
      },
    },
  })
  answerRequests(answerer)
  setInterval(() => engine.watch(), watchEveryMs)
  open()
  await token.load()
  await engine.start()
  await openModel(process.argv)
}
