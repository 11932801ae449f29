import type { ForkOptions, UtilityProcess } from 'electron'
import type { EngineChild } from '../host/engine-child.js'

/** Characters of the engine's output that are kept for a report. */
const keptCharacters = 4000

/** Electron's `utilityProcess.fork`. */
export type Fork = (path: string, args: string[], options: ForkOptions) => UtilityProcess

/** Starts the engine as a utility process: its memory is its own, and only it dies of having too little. */
export function forkUtility(fork: Fork, path: string, environment: Record<string, string>): EngineChild {
  const child = fork(path, [], {
    serviceName: 'Zerotune engine',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
    execArgv: ['--max-semi-space-size=2'],
  })
  let lastWords = ''
  let wasKilled = false
  const listen = (bytes: Buffer): void => {
    lastWords = `${lastWords}${bytes.toString()}`.slice(-keptCharacters)
  }
  child.stdout?.on('data', listen)
  child.stderr?.on('data', listen)
  return {
    send: (frame) => child.postMessage(frame),
    onFrame: (listener) => child.on('message', listener),
    onExit: (listener) => {
      child.once('exit', (code) => listener({ code, signal: wasKilled ? 'SIGKILL' : null, lastWords }))
    },
    kill: () => {
      wasKilled = true
      child.kill()
    },
  }
}
