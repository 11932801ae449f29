import { readFileSync, writeFileSync } from 'node:fs'

/** What the process holds. */
export interface MemoryUse {
  readonly residentBytes: number
  /** The most it ever held. */
  readonly peakBytes: number
}

/** Measures this process, by the operating system's own accounting. */
export function measureMemory(): MemoryUse {
  return {
    residentBytes: process.memoryUsage.rss(),
    peakBytes: linuxPeakBytes() ?? process.resourceUsage().maxRSS * 1024,
  }
}

/** On Linux the peak of `getrusage` starts from the parent's at fork; `VmHWM` is this process' own. */
function linuxPeakBytes(): number | null {
  if (process.platform !== 'linux') return null
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))
  return peak === null ? null : Number(peak[1]) * 1024
}

/** Begins the peak anew at what is held now, where the system can: Linux. Elsewhere it stays that of the process. */
export function forgetPeakMemory(): void {
  if (process.platform !== 'linux') return
  try {
    // Documented in proc(5): 5 resets the peak resident set size.
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // A container may forbid it; then the peak is the process' as elsewhere.
  }
}
