import { EngineError } from '../../schema/engine-error.js'
import type { ByteSource } from '../byte-source.js'
import { checkMagic } from './check-magic.js'
import type { GgufFile, GgufValue } from './gguf-file.js'
import { HeaderReader } from './header-reader.js'
import { ggufLimits } from './limits.js'
import { placeTensors } from './place-tensors.js'
import { readMetadata, readMetadataCount } from './read-metadata.js'
import { readTensorCount, readTensorEntries } from './read-tensors.js'
import { modelProblem } from '../../schema/model-problems.js'

const defaultAlignment = 32

/**
 * Reads the header of a GGUF file, version 2 or 3, little-endian. Tensor data stays in the file.
 *
 * Every length is checked before it is used, so that no file makes this allocate more than about 100 MB.
 *
 * Source: GGUF specification, docs/gguf.md of ggml.
 *
 * @throws EngineError `file-unreadable`, `model-malformed` (with the field, tensor or offset), `model-unsupported`
 */
export function readGguf(source: ByteSource): GgufFile {
  checkMagic(source)
  const reader = new HeaderReader(source)
  reader.uint32()
  const version = readVersion(reader, source.path)
  const tensorCount = readTensorCount(reader)
  const metadata = readMetadata(reader, readMetadataCount(reader))
  const entries = readTensorEntries(reader, tensorCount)
  const alignment = readAlignment(reader, metadata)
  const dataOffset = Math.ceil(reader.offset / alignment) * alignment
  const { path, byteLength } = source
  const tensors = placeTensors(entries, { path, dataOffset, alignment, byteLength })
  return { path, version, alignment, metadata, tensors, dataOffset, byteLength }
}

function readVersion(reader: HeaderReader, path: string): 2 | 3 {
  reader.where = 'version'
  const version = reader.uint32()
  if (version === 2 || version === 3) return version
  const message = `'${path}' is a GGUF file of version ${version}; supported are 2 and 3`
  throw new EngineError(
    'model-unsupported',
    { path, feature: modelProblem('gguf-version', { count: version }) },
    message,
  )
}

function readAlignment(reader: HeaderReader, metadata: ReadonlyMap<string, GgufValue>): number {
  const entry = metadata.get('general.alignment')
  if (!entry) return defaultAlignment
  reader.where = "metadata 'general.alignment'"
  const { value } = entry
  const isPowerOfTwo = typeof value === 'number' && Number.isInteger(Math.log2(value))
  if (!isPowerOfTwo || value < 1 || value > ggufLimits.alignment) {
    const found = entry.type === 'array' ? 'an array' : String(entry.value)
    throw reader.malformed(`expected a power of two up to ${ggufLimits.alignment}, found ${found}`)
  }
  return value
}
