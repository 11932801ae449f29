import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { eventChannel, requestChannel } from '../ipc/channels.js'
import type { Bridge } from '../ipc/contract.js'

/** Two channels and no more: whatever name the page gives, main looks for it in the contract. */
const bridge: Bridge = {
  request: (name, input) => ipcRenderer.invoke(requestChannel, name, input),
  listen: (name, listener) => {
    // The event object stays here: it would hand out what the page must not have.
    const onEvent = (_: unknown, told: unknown, payload: Parameters<typeof listener>[0]): void => {
      if (told === name) listener(payload)
    }
    ipcRenderer.on(eventChannel, onEvent)
    return () => ipcRenderer.off(eventChannel, onEvent)
  },
  pathOf: (file) => webUtils.getPathForFile(file as Parameters<typeof webUtils.getPathForFile>[0]),
}

contextBridge.exposeInMainWorld('bridge', bridge)
