import type { ByteSource } from '../formats/byte-source.js'
import type { GgufTensor } from '../formats/gguf/gguf-file.js'
import { halfToFloat } from './half-float.js'
import { malformedTensor, unsupportedType } from './tensor-errors.js'

/**
 * Reads a tensor of type F32, F16 or BF16 as float32 values, in the file's order.
 *
 * @throws EngineError `model-malformed` for NaN or infinite values, `model-unsupported` for another type
 */
export function readFloats(source: ByteSource, tensor: GgufTensor): Float32Array {
  const values = readAnyFloats(source, tensor)
  checkFinite(source.path, tensor, values)
  return values
}

/**
 * Reads an F16 tensor as the raw bits of its half floats.
 *
 * @throws EngineError `model-malformed` for NaN or infinite values
 */
export function readHalves(source: ByteSource, tensor: GgufTensor): Uint16Array {
  const bits = readBits(source, tensor)
  const bad = bits.findIndex((value) => (value & 0x7c00) === 0x7c00)
  if (bad >= 0) throw notFinite(source.path, tensor, bad, halfToFloat(bits[bad]))
  return bits
}

function readAnyFloats(source: ByteSource, tensor: GgufTensor): Float32Array {
  switch (tensor.type) {
    case 'F32': {
      const values = new Float32Array(tensor.byteLength / 4)
      source.readInto(tensor.offset, new Uint8Array(values.buffer))
      return values
    }
    case 'F16':
      return Float32Array.from(readBits(source, tensor), halfToFloat)
    case 'BF16': {
      // A bfloat16 is the upper half of a float32.
      const upperHalves = Uint32Array.from(readBits(source, tensor), (bits) => bits << 16)
      return new Float32Array(upperHalves.buffer)
    }
    default:
      throw unsupportedType(source.path, tensor)
  }
}

function readBits(source: ByteSource, tensor: GgufTensor): Uint16Array {
  const bits = new Uint16Array(tensor.byteLength / 2)
  source.readInto(tensor.offset, new Uint8Array(bits.buffer))
  return bits
}

function checkFinite(path: string, tensor: GgufTensor, values: Float32Array): void {
  for (let index = 0; index < values.length; index++) {
    if (!Number.isFinite(values[index])) throw notFinite(path, tensor, index, values[index])
  }
}

function notFinite(path: string, tensor: GgufTensor, index: number, value: number): Error {
  return malformedTensor(path, tensor, `expected finite values, found ${value} at index ${index}`)
}
