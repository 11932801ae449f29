/** Writes one block of a quantized type, the nearest that the type can store. */
export type EncodeBlock = (values: Float32Array, bytes: Uint8Array, start: number) => void

/** Writes a half float, little-endian. */
export function putHalf(bytes: Uint8Array, start: number, half: number): void {
  bytes[start] = half & 255
  bytes[start + 1] = half >> 8
}
