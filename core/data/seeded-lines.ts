import { deriveSeed } from '../random/derive-seed.js'

/** The first `count` lines in an order that depends on the seed, the purpose and each line alone. */
export function seededLines(
  lines: ArrayLike<number>,
  seed: number,
  purpose: number,
  count = lines.length,
): number[] {
  // A number a line: an object for each of a million would take longer to collect than to sort.
  const keys = new Uint32Array(lines.length)
  for (let at = 0; at < lines.length; at++) keys[at] = deriveSeed(seed, purpose, lines[at])
  const order = Uint32Array.from(keys, (_, index) => index)
  order.sort((a, b) => keys[a] - keys[b] || lines[a] - lines[b])
  return Array.from(order.subarray(0, count), (index) => lines[index])
}
