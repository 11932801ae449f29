import type { QuantizedType } from '../../formats/gguf/tensor-types.js'
import type { EncodeBlock } from './block-encoder.js'
import { evenBlocks, fittedBlocks } from './even-blocks.js'
import { encodeIq4Nl, encodeQ8Zero } from './small-blocks.js'
import { encodeIq4Xs, encodeQ2K, encodeQ3K, encodeQ4K, encodeQ5K, encodeQ6K } from './super-blocks.js'

/** The nearest block of each quantized type, in least squares as near as alternation comes. */
export const blockEncoders: Readonly<Record<QuantizedType, EncodeBlock>> = {
  Q4_0: fittedBlocks(evenBlocks.Q4_0),
  Q4_1: fittedBlocks(evenBlocks.Q4_1),
  Q5_0: fittedBlocks(evenBlocks.Q5_0),
  Q5_1: fittedBlocks(evenBlocks.Q5_1),
  Q8_0: encodeQ8Zero,
  Q2_K: encodeQ2K,
  Q3_K: encodeQ3K,
  Q4_K: encodeQ4K,
  Q5_K: encodeQ5K,
  Q6_K: encodeQ6K,
  IQ4_NL: encodeIq4Nl,
  IQ4_XS: encodeIq4Xs,
}
