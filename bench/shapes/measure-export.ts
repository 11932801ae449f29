import { spawn } from 'node:child_process'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../../../bin/zerotune.js', import.meta.url))
const watchEveryMs = 100

export interface ExportResult {
  readonly byteLength: number
  readonly seconds: number
  /** `VmHWM` of the process as last seen; null where the system does not say. */
  readonly peakBytes: number | null
}

/** Exports a run as a GGUF file, which is removed again, in a process of its own that is watched. */
export async function measureExport(run: string, target: string): Promise<ExportResult> {
  rmSync(target, { force: true })
  const started = performance.now()
  const args = [command, 'export', run, '--format', 'gguf', '--out', target, '--quiet']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  let peakBytes: number | null = null
  const watch = setInterval(() => (peakBytes = peakOf(child.pid) ?? peakBytes), watchEveryMs)
  const status = await new Promise<number | null>((done) => child.once('close', done))
  clearInterval(watch)
  if (status !== 0) throw new Error(`the export ended with status ${status}`)
  const { size: byteLength } = statSync(target)
  rmSync(target)
  return { byteLength, seconds: (performance.now() - started) / 1000, peakBytes }
}

function peakOf(pid: number | undefined): number | null {
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return peak === null ? null : Number(peak[1]) * 1024
  } catch {
    // It has ended, or this is no Linux.
    return null
  }
}
