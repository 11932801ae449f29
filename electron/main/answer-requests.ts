import { ipcMain } from 'electron'
import { requestChannel } from '../ipc/channels.js'
import type { RequestAnswerer } from './request-answerer.js'

/** Listens to the page: the one file that does, on one channel, with one function behind it. */
export function answerRequests(answer: RequestAnswerer): void {
  ipcMain.handle(requestChannel, (event, name: unknown, input: unknown) =>
    answer(event.senderFrame, name, input),
  )
}
