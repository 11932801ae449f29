import type { FloatBlock } from '../../engine/float-block-runner.js'
import type { ModelDescription, VectorName } from '../../model/description.js'
import type { MatrixTurner } from './matrix-turner.js'
import type { Rotations } from './rotations.js'

const readers = ['attn_q', 'attn_k', 'attn_v', 'ffn_gate', 'ffn_up'] as const
const writers = ['attn_output', 'ffn_down'] as const

/**
 * Turns a block whose norms have weights of 1. With h the hidden state as a row, it reads and writes h R1 where it did h; the values of
 * each head are v R2, which attention mixes as it does v:
 *
 *   W ← W R1 of what reads h    W ← R1ᵀ W of what writes to it    W ← R2ᵀ W of values    W ← W R2 of what reads them
 *
 * Source: SpinQuant, Liu et al. 2024, arXiv:2405.16406, section 3.1.
 *
 * @param block changed in place, biases too
 */
export async function turnBlock(
  layer: number,
  block: FloatBlock,
  model: ModelDescription,
  { residual, values }: Rotations,
  turner: MatrixTurner,
): Promise<void> {
  const { linears, vectors } = block
  for (const name of readers) await turner.turn('inputs', linears[name], residual)
  for (const name of writers) {
    await turner.turn('outputs', linears[name], residual)
    await turnBias(vectors, `${name}.bias`, residual, turner)
  }
  const { kvHeadCount, headWidth, width } = model
  for (let head = 0; head < kvHeadCount; head++) {
    const rotation = values[layer][head]
    const rows = headWidth * width
    await turner.turn('outputs', linears.attn_v.subarray(head * rows, (head + 1) * rows), rotation)
    const bias = vectors.get('attn_v.bias')?.subarray(head * headWidth, (head + 1) * headWidth)
    if (bias !== undefined) await turner.turn('outputs', bias, rotation)
  }
  await turnReadValues(linears.attn_output, model, values[layer], turner)
}

async function turnBias(
  vectors: FloatBlock['vectors'],
  name: VectorName,
  rotation: Float32Array,
  turner: MatrixTurner,
): Promise<void> {
  const bias = vectors.get(name)
  if (bias !== undefined) await turner.turn('outputs', bias, rotation)
}

/** Heads that share values share their rotation. @param weights shape [width, headCount · headWidth] */
async function turnReadValues(
  weights: Float32Array,
  { headCount, kvHeadCount, headWidth, width }: ModelDescription,
  rotations: readonly Float32Array[],
  turner: MatrixTurner,
): Promise<void> {
  const columns = headCount * headWidth
  const ofHead = new Float32Array(width * headWidth)
  for (let head = 0; head < headCount; head++) {
    const start = head * headWidth
    for (let row = 0; row < width; row++) {
      const from = row * columns + start
      ofHead.set(weights.subarray(from, from + headWidth), row * headWidth)
    }
    await turner.turn('inputs', ofHead, rotations[Math.floor((head * kvHeadCount) / headCount)])
    for (let row = 0; row < width; row++) {
      weights.set(ofHead.subarray(row * headWidth, (row + 1) * headWidth), row * columns + start)
    }
  }
}
