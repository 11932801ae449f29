import type { OrderProgress } from '../hub/run-order.js'
import { TransferRate } from '../hub/transfer-rate.js'
import { formatBytes, formatDuration, formatShare } from './format.js'
import type { Output } from './output.js'

const everyMs = 500

/** Shows how far a download is: a line that is rewritten, or JSON lines, twice a second at most. */
export function pullProgress(output: Output, now: () => number): (progress: OrderProgress) => void {
  const rate = new TransferRate(now)
  let shownAt = -Infinity
  let shownPhase = ''
  return ({ phase, done, total }) => {
    if (phase === 'downloading') rate.note(done)
    if (phase === shownPhase && now() - shownAt < everyMs) return
    shownAt = now()
    shownPhase = phase
    const bytesPerSecond = phase === 'downloading' ? rate.bytesPerSecond() : null
    const remainingMs = phase === 'downloading' ? rate.remainingMs(total - done) : null
    output.emit({ type: phase, done, total, bytesPerSecond, remainingMs })
    const share = formatShare(total === 0 ? 1 : done / total)
    const speed = bytesPerSecond === null ? '' : ` | ${formatBytes(bytesPerSecond)}/s`
    const left = remainingMs === null ? '' : ` | ${formatDuration(remainingMs)} left`
    output.live(`${phase} ${share} | ${formatBytes(done)} of ${formatBytes(total)}${speed}${left}`)
  }
}
