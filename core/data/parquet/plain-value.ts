const largestSafe = BigInt(Number.MAX_SAFE_INTEGER)

/** A value of Parquet as JSON would hold it: long integers as numbers where they fit, dates and bytes as text. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint')
    return value > largestSafe || value < -largestSafe ? String(value) : Number(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'object' || value === null) return value ?? null
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, plainValue)
  if (Array.isArray(value)) return value.map(plainValue)
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plainValue(each)]))
}
