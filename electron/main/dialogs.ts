import type { BrowserWindow, Dialog, OpenDialogOptions } from 'electron'
import type { EngineClient } from '../host/engine-client.js'
import { valueOf } from '../host/host-handlers.js'
import type { Handlers } from '../ipc/contract.js'
import { dataEntry } from '../ipc/data.js'
import { folderEntry } from '../ipc/exports.js'
import { modelEntry } from '../ipc/models.js'

type DialogHandlers = Pick<Handlers<'host'>, 'model.pick' | 'data.pick' | 'folder.pick'>

export interface DialogOptions {
  readonly dialog: Pick<Dialog, 'showOpenDialog'>
  readonly engine: Pick<EngineClient, 'request'>
  /** The window that a dialog belongs to, if it is there. */
  readonly window: () => BrowserWindow | null
}

/** Choosing files: the dialog's path goes to the engine, and the page gets the handle that the engine gave it. */
export function dialogHandlers({ dialog, engine, window }: DialogOptions): DialogHandlers {
  const pick = async (options: OpenDialogOptions): Promise<string | null> => {
    const owner = window()
    const chosen = owner === null ? dialog.showOpenDialog(options) : dialog.showOpenDialog(owner, options)
    const { canceled, filePaths } = await chosen
    return canceled ? null : (filePaths[0] ?? null)
  }
  return {
    'model.pick': async () => {
      const path = await pick({
        properties: ['openFile'],
        filters: [{ name: 'GGUF, ONNX', extensions: ['gguf', 'onnx'] }, anyFile],
      })
      return path === null ? null : modelEntry.parse(valueOf(await engine.request('model.open', { path })))
    },
    'data.pick': async () => {
      const path = await pick({ properties: ['openFile'], filters: [rowFiles, anyFile] })
      return path === null ? null : dataEntry.parse(valueOf(await engine.request('data.open', { path })))
    },
    'folder.pick': async () => {
      const path = await pick({ properties: ['openDirectory', 'createDirectory'] })
      return path === null ? null : folderEntry.parse(valueOf(await engine.request('folder.open', { path })))
    },
  }
}

const rowFiles = { name: 'CSV, TSV, JSONL', extensions: ['csv', 'tsv', 'tab', 'jsonl', 'ndjson', 'txt'] }
const anyFile = { name: '*', extensions: ['*'] }
