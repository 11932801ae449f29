import { EngineError } from '../../schema/engine-error.js'
import { startAtomicFile } from '../atomic-file.js'
import { formatHeader, paddingBytes, type GgufContent, type TensorOutline } from './format-header.js'

/** How many tensors of how many are written. */
export interface TensorProgress {
  readonly done: number
  readonly count: number
}

/**
 * Writes a GGUF file: the same metadata and tensors in the same order as `content`. A tensor's data is asked for when its
 * turn comes, so that only one is in memory. The file appears under its name when it is complete.
 *
 * @param tensorBytes data of a tensor in the layout of its type; exactly its `byteLength`
 * @throws EngineError `file-unwritable`, `file-exists`, `export-mismatch` for data of another length
 */
export function writeGguf<T extends TensorOutline>(
  path: string,
  content: GgufContent<T>,
  tensorBytes: (tensor: T) => Uint8Array,
  options: { readonly overwrite: boolean },
): void {
  const writing = writingGguf(path, content, tensorBytes, options)
  while (writing.next().done !== true);
}

/** As `writeGguf`; yields before each tensor. Returning it early leaves nothing behind. */
export function* writingGguf<T extends TensorOutline>(
  path: string,
  content: GgufContent<T>,
  tensorBytes: (tensor: T) => Uint8Array,
  options: { readonly overwrite: boolean },
): Generator<TensorProgress, void> {
  const { header, byteLength } = formatHeader(content)
  const file = startAtomicFile(path, { ...options, byteLength })
  try {
    file.append(header)
    const tensors = [...content.tensors.values()]
    for (const [done, tensor] of tensors.entries()) {
      yield { done, count: tensors.length }
      const bytes = tensorBytes(tensor)
      checkLength(path, tensor, bytes)
      file.append(bytes)
      file.append(new Uint8Array(paddingBytes(bytes.byteLength, content.alignment)))
    }
    file.finish()
  } finally {
    file.abandon()
  }
}

function checkLength(path: string, tensor: TensorOutline, bytes: Uint8Array): void {
  if (bytes.byteLength === tensor.byteLength) return
  const where = `tensor '${tensor.name}'`
  const message = `'${path}': ${where}: expected ${tensor.byteLength} bytes, found ${bytes.byteLength}`
  throw new EngineError('export-mismatch', { path, where }, message)
}
