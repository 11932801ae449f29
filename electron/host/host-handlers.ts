import { z } from 'zod'
import { EngineError } from '../../core/schema/engine-error.js'
import { requestInvalid } from '../../core/schema/request-invalid.js'
import { programVersion } from '../../core/schema/version.js'
import { settings as settingsSchema, type Settings } from '../ipc/app.js'
import type { Handlers, Reply, Tell } from '../ipc/contract.js'
import { folderEntry, type FolderEntry } from '../ipc/exports.js'
import type { EngineClient } from './engine-client.js'
import type { SavedToken } from './saved-token.js'
import type { SavedValue } from './saved-value.js'

export interface HostOptions {
  readonly host: 'electron' | 'browser'
  readonly platform: string
  readonly engine: EngineClient
  readonly settings: SavedValue<Settings>
  /** Whatever the page wants to find again. */
  readonly wizard: SavedValue<Wizard>
  readonly token: SavedToken
  readonly tell: Tell
}

/** What the page keeps. */
export const wizardSchema = z.json()
export type Wizard = z.infer<typeof wizardSchema>

/** Longest state of the page, in characters of JSON. */
const longestWizard = 1_000_000

type CommonHandlers = Pick<
  Handlers<'host'>,
  | 'app.describe'
  | 'engine.restart'
  | 'engine.forceStop'
  | 'settings.get'
  | 'settings.change'
  | 'wizard.load'
  | 'wizard.save'
  | 'token.describe'
  | 'token.set'
>

/** What every host answers in the same way. */
export function hostHandlers({
  host,
  platform,
  engine,
  settings,
  wizard,
  token,
  tell,
}: HostOptions): CommonHandlers {
  return {
    'app.describe': () => ({
      host,
      version: programVersion,
      platform,
      engine: engine.state,
      canPickFiles: host === 'electron',
      canReveal: host === 'electron',
    }),
    'engine.restart': () => engine.start(),
    'engine.forceStop': () => engine.forceStop(),
    'settings.get': () => settings.value,
    'settings.change': async ({ runsFolder, exportsFolder, ...rest }) => {
      const folders = {
        ...(runsFolder !== undefined && { runsFolder: await folderOf(engine, runsFolder) }),
        ...(exportsFolder !== undefined && { exportsFolder: await folderOf(engine, exportsFolder) }),
      }
      settings.save(settingsSchema.parse({ ...settings.value, ...withoutUndefined(rest), ...folders }))
      engine.configure()
      tell('settings.changed', settings.value)
      return settings.value
    },
    'token.describe': () => token.describe(),
    'token.set': async ({ token: text }) => {
      await token.save(text)
      engine.configure()
      return token.describe()
    },
    'wizard.load': () => ({ state: wizard.value }),
    'wizard.save': ({ state }) => {
      if (JSON.stringify(state).length > longestWizard) throw tooLong()
      wizard.save(state)
      return null
    },
  }
}

async function folderOf(engine: EngineClient, folder: string | null): Promise<FolderEntry | null> {
  if (folder === null) return null
  const location = valueOf(await engine.locate('folder', folder))
  return folderEntry.parse({ folder, location })
}

/** What a reply holds. @throws EngineError of a failure */
export function valueOf(reply: Reply): unknown {
  if (reply.ok) return reply.value
  throw EngineError.fromData(reply.error)
}

function withoutUndefined(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

function tooLong(): EngineError {
  const issue = `state: expected at most ${longestWizard} characters of JSON`
  return requestInvalid(issue)
}
