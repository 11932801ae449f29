import { ipcMain } from 'electron'
import { EngineError } from '../../core/schema/engine-error.js'
import type { EngineClient } from '../host/engine-client.js'
import { answer, isRequestName } from '../ipc/answer.js'
import { requestChannel } from '../ipc/channels.js'
import { requests, type Handlers, type Reply } from '../ipc/contract.js'
import { isTrustedFrame, type SenderFrame } from './trusted-sender.js'

/** The part of Electron's `ipcMain` that is used here. */
export interface RequestDoor {
  handle(
    channel: string,
    listener: (
      event: { readonly senderFrame: SenderFrame | null },
      name: unknown,
      input: unknown,
    ) => Promise<Reply>,
  ): void
}

export interface AnswerOptions {
  readonly handlers: Handlers<'host'>
  readonly engine: Pick<EngineClient, 'request'>
  /** Whether answers are compared with the contract. */
  readonly checksOutput: boolean
  /** Electron's own, except in tests. */
  readonly door?: RequestDoor
}

/** Answers the requests of the contract, from our own page only. The one file that listens to the page. */
export function answerRequests({ handlers, engine, checksOutput, door = ipcMain }: AnswerOptions): void {
  door.handle(requestChannel, ({ senderFrame }, name, input): Promise<Reply> => {
    if (!isTrustedFrame(senderFrame)) return Promise.resolve(refused())
    return isRequestName(name) && requests[name].answeredBy === 'engine'
      ? engine.request(name, input)
      : answer(handlers, name, input, { checksOutput })
  })
}

function refused(): Reply {
  const issue = 'the request comes from a page that is not ours'
  return { ok: false, error: new EngineError('request-invalid', { issues: [issue] }, issue).toData() }
}
