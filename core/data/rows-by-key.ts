/**
 * Groups of two or more rows with the same key; the rows of a group ascend. A key is a hash: whoever asks compares the rows.
 *
 * Rows and keys are sorted together as 64-bit numbers, 8 bytes a row: a map with a list for each key of a million rows would take
 * more memory than all that is kept of them.
 *
 * @param keyOf 32 bits
 */
export function* rowsByKey(count: number, keyOf: (row: number) => number): Generator<Uint32Array> {
  const sorted = new BigUint64Array(count)
  const halves = new Uint32Array(sorted.buffer)
  for (let row = 0; row < count; row++) {
    halves[2 * row] = row
    halves[2 * row + 1] = keyOf(row)
  }
  sorted.sort()
  for (let start = 0, end = 0; start < count; start = end) {
    while (end < count && halves[2 * end + 1] === halves[2 * start + 1]) end++
    if (end - start > 1) yield Uint32Array.from({ length: end - start }, (_, at) => halves[2 * (start + at)])
  }
}
