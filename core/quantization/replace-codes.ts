import type { TensorOutline } from '../formats/gguf/format-header.js'
import { isQuantizedType, tensorType } from '../formats/gguf/tensor-types.js'
import { EngineError } from '../schema/engine-error.js'
import type { BlockLayout } from './layouts/block-layout.js'
import { blockLayoutOf } from './layouts/block-layouts.js'

/** Whether any codes that a matrix of this tensor may have in memory have their place in its bytes. */
export function canReplaceCodes(tensor: TensorOutline): boolean {
  return writerOf(tensor) !== undefined
}

/**
 * Writes codes over those in a tensor's bytes, in place. Scales, minima and zero points stay as they are, to the bit.
 *
 * @param bytes data of the whole tensor
 * @param codes packed as `QuantizedMatrix` says
 * @throws EngineError 'bug' for a tensor that `canReplaceCodes` is false for
 */
export function replaceCodes(tensor: TensorOutline, bytes: Uint8Array, codes: Uint8Array): void {
  const writeCodes = writerOf(tensor)
  if (writeCodes === undefined) {
    throw new EngineError('bug', {}, `Cannot replace codes of type ${tensor.type} in tensor '${tensor.name}'`)
  }
  const blockBytes = tensorType(tensor.type)?.blockBytes ?? 1
  const codeBytes = (codes.byteLength * blockBytes) / bytes.byteLength
  for (let block = 0; block * blockBytes < bytes.byteLength; block++) {
    writeCodes(codes.subarray(block * codeBytes), bytes.subarray(block * blockBytes))
  }
}

function writerOf({ type }: TensorOutline): BlockLayout['writeCodes'] {
  return isQuantizedType(type) ? blockLayoutOf(type).writeCodes : undefined
}
