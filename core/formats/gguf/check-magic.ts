import { isUtf8 } from 'node:buffer'
import { EngineError } from '../../schema/engine-error.js'
import type { ByteSource } from '../byte-source.js'
import { modelProblem } from '../../schema/model-problems.js'

const looksBytes = 512

/**
 * Checks that a file starts like a little-endian GGUF, and otherwise says what it looks like instead.
 *
 * @throws EngineError `model-malformed` for another kind of file, `model-unsupported` for a big-endian GGUF
 */
export function checkMagic(source: ByteSource): void {
  const { path } = source
  const start = Buffer.from(source.read(0, Math.min(looksBytes, source.byteLength)))
  const magic = start.toString('latin1', 0, 4)
  const isReversed = magic === 'FUGG'
  const isBigEndian = magic === 'GGUF' && start.byteLength >= 8 && start.readUInt16LE(4) === 0
  if (isReversed || isBigEndian) {
    const message = `'${path}' is a big-endian GGUF file; only little-endian ones are supported`
    throw new EngineError('model-unsupported', { path, feature: modelProblem('big-endian') }, message)
  }
  if (magic === 'GGUF') return
  const message = `'${path}' is not a GGUF file: expected it to start with 'GGUF', found ${looksLike(start)}`
  throw new EngineError('model-malformed', { path, where: modelProblem('at-magic') }, message)
}

/** Beginnings of files that people mistake for a GGUF. */
const beginnings: readonly (readonly [RegExp, string])[] = [
  [/^$/, 'an empty file'],
  [/^(lmgg|fmgg|tjgg|algg)/, 'a GGML file from before GGUF (convert it with llama.cpp)'],
  [/^version https:\/\/git-lfs/, 'a Git LFS pointer (the model itself was not downloaded)'],
  [/^\s*<(!doctype|html|\?xml)/i, 'a web page (the download failed)'],
  [/^[^]{5}\0\0\0\{"/, 'a safetensors file'],
  [/^PK\x03\x04/, 'a zip archive, as PyTorch writes'],
  [/^\x1f\x8b/, 'a gzip archive'],
  [/^\x80[\x02-\x05]/, 'a Python pickle, as PyTorch writes'],
  [/^\x08[\x01-\x20][\x12\x1a\x22\x2a\x32\x3a\x42]/, 'an ONNX model'],
  [/^\s*[[{]/, 'a JSON file'],
]

/** Names the kind of file that starts with these bytes. */
function looksLike(start: Buffer): string {
  const text = start.toString('latin1')
  const known = beginnings.find(([pattern]) => pattern.test(text))
  if (known) return known[1]
  if (isText(start)) return 'a text file'
  return `the bytes ${start.subarray(0, 4).toString('hex')}`
}

/** No control characters, and UTF-8 but for a character that the end cuts. */
function isText(start: Buffer): boolean {
  const isPrintable = start.every((byte) => byte >= 32 || byte === 9 || byte === 10 || byte === 13)
  return isPrintable && [0, 1, 2, 3].some((cut) => isUtf8(start.subarray(0, start.byteLength - cut)))
}
