/** Several pieces as one run of bytes: how many, how long each, and then they. */
export function packParts(parts: readonly Uint8Array[]): Uint8Array {
  const header = 4 * (parts.length + 1)
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, header))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, parts.length, true)
  let offset = header
  parts.forEach((part, index) => {
    view.setUint32(4 * (index + 1), part.byteLength, true)
    bytes.set(part, offset)
    offset += part.byteLength
  })
  return bytes
}

/** The pieces that `packParts` put together, over the same memory; none where the bytes are not what it made. */
export function unpackParts(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const count = bytes.byteLength < 4 ? 0 : view.getUint32(0, true)
  const header = 4 * (count + 1)
  if (header > bytes.byteLength) return []
  const parts: Uint8Array[] = []
  let offset = header
  for (let index = 0; index < count; index++) {
    const end = offset + view.getUint32(4 * (index + 1), true)
    parts.push(bytes.subarray(offset, end))
    offset = end
  }
  return offset === bytes.byteLength ? parts : []
}
