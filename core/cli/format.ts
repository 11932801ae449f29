/** Bytes as people read them, decimal units: `98.4 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** A duration as people read it: `4.2 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`
}

/** A loss, or a change of one: four decimals, and three digits where that would leave fewer, as of small squared errors. */
export function formatLoss(loss: number): string {
  return loss === 0 || Math.abs(loss) >= 0.01 ? loss.toFixed(4) : loss.toPrecision(3)
}

/** A share in percent with one decimal: `78.7 %`. */
export function formatShare(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}

/** A count with thousands separated: `67,349`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}
