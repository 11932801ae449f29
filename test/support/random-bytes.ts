/** Bytes that look random, the same for the same seed. */
export function randomBytes(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length)
  let state = (seed * 0x9e3779b9) >>> 0
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}
