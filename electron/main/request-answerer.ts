import { requestInvalid } from '../../core/schema/request-invalid.js'
import type { EngineClient } from '../host/engine-client.js'
import { answer, isRequestName } from '../ipc/answer.js'
import { requests, type Handlers, type Reply } from '../ipc/contract.js'
import { isTrustedFrame, type SenderFrame } from './trusted-sender.js'

export interface AnswererOptions {
  readonly handlers: Handlers<'host'>
  readonly engine: Pick<EngineClient, 'request'>
  /** Whether answers are compared with the contract. */
  readonly checksOutput: boolean
}

/** Answers a request of the page, whoever answers it; from any other sender it is refused. Never throws. */
export type RequestAnswerer = (sender: SenderFrame | null, name: unknown, input: unknown) => Promise<Reply>

/** Makes what stands between the page and the handlers. */
export function requestAnswerer({ handlers, engine, checksOutput }: AnswererOptions): RequestAnswerer {
  return (sender, name, input) => {
    if (!isTrustedFrame(sender)) return Promise.resolve(refused())
    return isRequestName(name) && requests[name].answeredBy === 'engine'
      ? engine.request(name, input)
      : answer(handlers, name, input, { checksOutput })
  }
}

function refused(): Reply {
  const issue = 'the request comes from a page that is not ours'
  return { ok: false, error: requestInvalid(issue).toData() }
}
