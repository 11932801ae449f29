const chunkTokens = 64 * 1024

/**
 * Keeps many short token sequences in few large buffers: a buffer for each of 67,000 sentences would take several times
 * their own size.
 */
export function createTokenStore(): (...parts: readonly ArrayLike<number>[]) => Int32Array {
  let chunk = new Int32Array(0)
  let used = 0
  return (...parts) => {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    if (used + length > chunk.length) {
      chunk = new Int32Array(Math.max(chunkTokens, length))
      used = 0
    }
    const kept = chunk.subarray(used, used + length)
    let at = 0
    for (const part of parts) {
      kept.set(part, at)
      at += part.length
    }
    used += length
    return kept
  }
}
