import type { GgufTensor } from '../../formats/gguf/gguf-file.js'
import type { BlockType, QuantizedType } from '../../formats/gguf/tensor-types.js'
import { isIntegerBlockType } from '../../formats/integer-blocks.js'
import { isTableBlockType } from '../../formats/table-blocks.js'
import type { BlockLayout } from './block-layout.js'
import { integerBlockLayout } from './integer-blocks.js'
import { iq4Nl, iq4Xs } from './lookup-blocks.js'
import { q4One, q4Zero, q5One, q5Zero, q5ZeroNarrow, q8Zero } from './small-blocks.js'
import { q2K, q3K, q4K, q5K, q6K } from './super-blocks.js'
import { tableBlockLayout } from './table-blocks.js'

const layouts: Readonly<Record<QuantizedType, BlockLayout>> = {
  Q4_0: q4Zero,
  Q4_1: q4One,
  Q5_0: q5Zero,
  Q5_1: q5One,
  Q8_0: q8Zero,
  Q2_K: q2K,
  Q3_K: q3K,
  Q4_K: q4K,
  Q5_K: q5K,
  Q6_K: q6K,
  IQ4_NL: iq4Nl,
  IQ4_XS: iq4Xs,
}

/** How blocks of a quantized type are read. */
export function blockLayoutOf(type: BlockType): BlockLayout {
  if (isTableBlockType(type)) return tableBlockLayout(type)
  return isIntegerBlockType(type) ? integerBlockLayout(type) : layouts[type]
}

/** How blocks of a tensor of this type are kept in memory: narrow ones in 4 bits. */
export function matrixLayoutOf(type: BlockType, { hasNarrowBlocks }: GgufTensor): BlockLayout {
  return hasNarrowBlocks === true ? q5ZeroNarrow : blockLayoutOf(type)
}
