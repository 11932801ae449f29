import { EngineError } from '../../schema/engine-error.js'
import { writeAtomically } from '../atomic-file.js'
import type { SafeTensor } from './read-safetensors.js'

/** A tensor without its place, which follows from the tensors before it. */
export type SafeTensorOutline = Omit<SafeTensor, 'offset'>

/**
 * Writes a safetensors file: the tensors in their given order, whose data is asked for one by one. The header is padded with
 * spaces to a multiple of 8 bytes, so that data is aligned.
 *
 * Source: the safetensors format, its README.
 *
 * @throws EngineError `file-unwritable`, `file-exists`, `export-mismatch` for data of another length
 */
export function writeSafetensors<T extends SafeTensorOutline>(
  path: string,
  tensors: readonly T[],
  tensorBytes: (tensor: T) => Uint8Array,
): void {
  const header = formatHeader(tensors)
  const byteLength = header.byteLength + tensors.reduce((sum, tensor) => sum + tensor.byteLength, 0)
  writeAtomically(path, { overwrite: false, byteLength }, (append) => {
    append(header)
    for (const tensor of tensors) {
      const bytes = tensorBytes(tensor)
      if (bytes.byteLength !== tensor.byteLength) throw wrongLength(path, tensor, bytes.byteLength)
      append(bytes)
    }
  })
}

/** The header with its length before it. */
export function formatHeader(tensors: readonly SafeTensorOutline[]): Uint8Array {
  let end = 0
  const entries = tensors.map(({ name, dtype, shape, byteLength }) => {
    const start = end
    end += byteLength
    return [name, { dtype, shape, data_offsets: [start, end] }] as const
  })
  const json = JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) })
  const length = Math.ceil(Buffer.byteLength(json) / 8) * 8
  const bytes = Buffer.alloc(8 + length, ' ')
  bytes.writeBigUInt64LE(BigInt(length))
  bytes.write(json, 8)
  return bytes
}

function wrongLength(path: string, { name, byteLength }: SafeTensorOutline, found: number): EngineError {
  const where = `tensor '${name}'`
  const message = `'${path}': ${where}: expected ${byteLength} bytes, found ${found}`
  return new EngineError('export-mismatch', { path, where }, message)
}
