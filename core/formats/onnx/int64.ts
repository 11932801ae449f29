/** A whole number of 64 bits as the protobuf library gives it: a number, or an object with the two halves of one; 0 for null. */
export function int64(value: unknown): number {
  if (typeof value === 'number') return value
  return value == null ? 0 : (value as { readonly toNumber: () => number }).toNumber()
}
