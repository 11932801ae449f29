import { EngineError } from '../../schema/engine-error.js'
import { openByteSource, type ByteSource } from '../byte-source.js'
import { joinedSource, pieceOf } from '../joined-source.js'
import type { GgufFile, GgufTensor } from './gguf-file.js'
import { readGguf } from './read-gguf.js'

/** An open model: its header, and the bytes that its tensors' places are in. */
export interface OpenGguf {
  readonly source: ByteSource
  readonly file: GgufFile
  /** Whether `source` is a GGUF file itself; otherwise it is put together from others, and only its tensors' data counts. */
  readonly isOneFile: boolean
}

/** Most parts of a model; the largest published ones have some dozens. */
const mostParts = 512

/**
 * Opens a GGUF file, or all the parts of a split one where `path` is any of them.
 *
 * @throws EngineError as `readGguf`; `file-unreadable` where a part is missing, `model-malformed` where the parts do not belong
 *   together
 */
export function openGguf(path: string): OpenGguf {
  const source = openByteSource(path)
  let count: number | null
  try {
    const file = readGguf(source)
    count = splitNumber(file, 'split.count')
    if (count === null || count <= 1) return { source, file, isOneFile: true }
  } catch (thrown) {
    source.close()
    throw thrown
  }
  source.close()
  return openParts(path, count)
}

function openParts(path: string, count: number): OpenGguf {
  const name = /^(.*)-\d{5}-of-(\d{5})\.gguf$/i.exec(path)
  if (name === null || Number(name[2]) !== count || count > mostParts) {
    throw malformed(path, 'split.count', `expected a name that ends like -00001-of-${padded(count)}.gguf`)
  }
  const sources: ByteSource[] = []
  try {
    const files: GgufFile[] = []
    for (let part = 0; part < count; part++) {
      const source = openByteSource(`${name[1]}-${padded(part + 1)}-of-${name[2]}.gguf`)
      sources.push(source)
      files.push(readPart(source, part, count))
    }
    return joinParts(sources, files)
  } catch (thrown) {
    for (const source of sources) source.close()
    throw thrown
  }
}

function readPart(source: ByteSource, part: number, count: number): GgufFile {
  const file = readGguf(source)
  const found = [splitNumber(file, 'split.no'), splitNumber(file, 'split.count')]
  if (found[0] === part && found[1] === count) return file
  const reason = `expected part ${part} of ${count}, found part ${found.join(' of ')}`
  throw malformed(source.path, 'split.no', reason)
}

function joinParts(sources: readonly ByteSource[], files: readonly GgufFile[]): OpenGguf {
  const [first] = files
  const tensors = new Map<string, GgufTensor>()
  let start = 0
  files.forEach((file, part) => {
    for (const [name, tensor] of file.tensors) {
      if (tensors.has(name)) throw malformed(file.path, `tensor '${name}'`, 'another part has it too')
      tensors.set(name, { ...tensor, offset: start + tensor.offset })
    }
    start += sources[part].byteLength
  })
  const expected = splitNumber(first, 'split.tensors.count')
  if (expected !== null && expected !== tensors.size) {
    throw malformed(first.path, 'split.tensors.count', `expected ${expected} tensors, found ${tensors.size}`)
  }
  const metadata = new Map([...first.metadata].filter(([key]) => !key.startsWith('split.')))
  const pieces = sources.map((source) => pieceOf(source, 0, source.byteLength))
  const source = joinedSource(first.path, pieces, sources)
  const file = { ...first, metadata, tensors, byteLength: source.byteLength }
  return { source, file, isOneFile: false }
}

function padded(part: number): string {
  return String(part).padStart(5, '0')
}

function splitNumber({ metadata }: GgufFile, key: string): number | null {
  const value = metadata.get(key)?.value
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null
}

function malformed(path: string, where: string, reason: string): EngineError {
  return new EngineError('model-malformed', { path, where }, `'${path}': ${where}: ${reason}`)
}
