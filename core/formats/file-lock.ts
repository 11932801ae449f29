import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { EngineError } from '../schema/engine-error.js'

/**
 * Takes something for this process: a file that only one process can create. A lock whose process is gone (killed) is taken over.
 *
 * @param what is taken, for the message: 'this run'
 * @returns a function that gives it back
 * @throws EngineError 'run-locked' naming the process that holds it
 */
export function lockFile(path: string, what: string): () => void {
  for (let attempt = 0; ; attempt++) {
    try {
      const descriptor = openSync(path, 'wx')
      writeSync(descriptor, String(process.pid))
      closeSync(descriptor)
      return () => rmSync(path, { force: true })
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') {
        const reason = thrown instanceof Error ? thrown.message : String(thrown)
        throw new EngineError('file-unwritable', { path }, `${path} could not be created: ${reason}`)
      }
      const pid = holderOf(path)
      if (attempt > 0 || isAlive(pid)) {
        throw new EngineError('run-locked', { path, pid }, `process ${pid} is working on ${what} (${path})`)
      }
      rmSync(path, { force: true })
    }
  }
}

function holderOf(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'))
  } catch {
    return 0
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}
