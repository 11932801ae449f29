import { fork } from 'node:child_process'
import type { EngineChild, EngineExit } from '../host/engine-child.js'

/** Characters of the engine's output that are kept for a report. */
const keptCharacters = 4000

/** Starts the engine as a process of Node. */
export function forkEngine(path: string, environment: Record<string, string>): EngineChild {
  const child = fork(path, {
    env: environment,
    execArgv: ['--max-semi-space-size=2'],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let lastWords = ''
  const listen = (bytes: Buffer): void => {
    lastWords = `${lastWords}${bytes.toString()}`.slice(-keptCharacters)
  }
  child.stdout?.on('data', listen)
  child.stderr?.on('data', listen)
  return {
    send: (frame) => {
      if (child.connected) child.send(frame)
    },
    onFrame: (listener) => child.on('message', listener),
    onExit: (listener) => {
      let isOver = false
      const end = (exit: EngineExit): void => {
        if (!isOver) listener(exit)
        isOver = true
      }
      child.once('error', (error) => end({ code: 1, signal: null, lastWords: error.message }))
      // `close` comes after the last output was read.
      child.once('close', (code, signal) => end({ code, signal, lastWords }))
    },
    kill: () => child.kill('SIGKILL'),
  }
}
