/** Something that is kept as bytes, over memory that holds it anyway. */
export type SavedPart = readonly Uint8Array[]

/** Several parts as one run of bytes, piece by piece: how many, how long each, and then they. Nothing is copied. */
export function packedPieces(parts: readonly SavedPart[]): Uint8Array[] {
  const header = new DataView(new ArrayBuffer(4 * (parts.length + 1)))
  header.setUint32(0, parts.length, true)
  parts.forEach((pieces, index) => {
    const byteLength = pieces.reduce((sum, piece) => sum + piece.byteLength, 0)
    header.setUint32(4 * (index + 1), byteLength, true)
  })
  return [new Uint8Array(header.buffer), ...parts.flat()]
}

/** The parts that `packedPieces` put together, over the same memory; none where the bytes are not what it made. */
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
