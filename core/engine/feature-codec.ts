import { bytesOf } from '../formats/bytes-of.js'
import type { FeatureFormat } from '../schema/feature-format.js'
import { groupLength, packedState, packState, unpackState, type PackedState } from './packed-state.js'

/** Bytes of so many numbers of a feature cache: 4, 2.1, 1.1 or 0.6 a number. */
export function featureBytes(format: FeatureFormat, count: number): number {
  const bits = { float32: 32, int16: 16, int8: 8, int4: 4 }[format]
  return (format === 'float32' ? 0 : scaleBytesOf(count)) + Math.ceil((count * bits) / 8)
}

function scaleBytesOf(count: number): number {
  return 4 * Math.ceil(count / groupLength)
}

/** How numbers of a feature cache become bytes and come back: as they are, or as a scale for 32 neighbours and then their codes. */
export interface FeatureCodec {
  /** The bytes of `values`; valid until the next call. */
  encode(values: Float32Array): Uint8Array
  /** Fills `values` with those whose bytes `read` fills in. */
  decode(values: Float32Array, read: (bytes: Uint8Array) => void): void
}

export function featureCodec(format: FeatureFormat): FeatureCodec {
  return format === 'float32'
    ? { encode: bytesOf, decode: (values, read) => read(bytesOf(values)) }
    : packedCodec(format)
}

function packedCodec(format: Exclude<FeatureFormat, 'float32'>): FeatureCodec {
  let state: PackedState = packedState(format, 0)
  let memory = new Uint8Array(0)
  const roomFor = (count: number): { bytes: Uint8Array; scaleBytes: number } => {
    const length = featureBytes(format, count)
    if (state.codes.length < count) state = packedState(format, count)
    if (memory.length < length) memory = new Uint8Array(length)
    return { bytes: memory.subarray(0, length), scaleBytes: scaleBytesOf(count) }
  }
  return {
    encode(values) {
      const { bytes, scaleBytes } = roomFor(values.length)
      packState(values, state)
      bytes.set(bytesOf(state.scales).subarray(0, scaleBytes))
      const codes = bytes.subarray(scaleBytes)
      if (format === 'int4') packNibbles(state.codes, codes)
      else codes.set(bytesOf(state.codes).subarray(0, codes.length))
      return bytes
    },
    decode(values, read) {
      const { bytes, scaleBytes } = roomFor(values.length)
      read(bytes)
      bytesOf(state.scales).set(bytes.subarray(0, scaleBytes))
      const codes = bytes.subarray(scaleBytes)
      if (format === 'int4') unpackNibbles(codes, state.codes)
      else bytesOf(state.codes).set(codes)
      unpackState(state, values)
    },
  }
}

/** Codes from −8 to 7, two a byte, the first in the low bits. */
function packNibbles(codes: PackedState['codes'], bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) bytes[i] = (codes[2 * i] & 15) | (codes[2 * i + 1] << 4)
}

function unpackNibbles(bytes: Uint8Array, codes: PackedState['codes']): void {
  for (let i = 0; i < bytes.length; i++) {
    codes[2 * i] = (bytes[i] << 28) >> 28
    codes[2 * i + 1] = (bytes[i] << 24) >> 28
  }
}
