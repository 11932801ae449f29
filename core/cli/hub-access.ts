import { readFileSync } from 'node:fs'
import { systemClock } from '../hub/clock.js'
import { readEndpoint, type Hub } from '../hub/hub.js'
import { EngineError } from '../schema/engine-error.js'
import { requestInvalid } from '../schema/request-invalid.js'

type Environment = Readonly<Record<string, string | undefined>>

const mostTokenBytes = 4096

/**
 * The hub as this person reaches it: `HF_ENDPOINT` names a mirror, `HF_TOKEN` or a file holds a token, `HF_HUB_OFFLINE` switches
 * the network off.
 *
 * @throws EngineError 'request-invalid', 'file-unreadable'
 */
export function hubAccess(environment: Environment, tokenFile: string | undefined): Hub {
  const token = tokenFile === undefined ? (environment.HF_TOKEN ?? '') : readToken(tokenFile)
  return {
    endpoint: readEndpoint(environment.HF_ENDPOINT),
    token: checkedToken(token.trim()),
    isOffline: () => /^(?:1|true|yes|on)$/i.test(environment.HF_HUB_OFFLINE ?? ''),
    send: (address, options) => fetch(address, options),
    clock: systemClock,
  }
}

function readToken(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(0, mostTokenBytes)
  } catch (thrown) {
    const message = `Cannot read the token in '${path}': ${String(thrown)}`
    throw new EngineError('file-unreadable', { path }, message, { cause: thrown })
  }
}

/** The message never holds what was found: it may be a secret. */
function checkedToken(token: string): string | null {
  if (token === '') return null
  if (/^[\x21-\x7e]+$/.test(token)) return token
  const issue = 'the token should be one word of plain characters, such as hf_…'
  throw requestInvalid(issue)
}
