import type { ScaleFactors } from '../quantization/scale-factors.js'

/** Inputs that share one column factor: a block of the file's quantization. */
export const columnBlock = 32

/** Factors of rows, and of blocks of columns where there are some, as factors on the scales of a linear. */
export function foldFactors(byRow: Float64Array, byBlock: Float64Array | null): ScaleFactors {
  if (byBlock === null) return { shape: 'rows', values: byRow }
  const values = new Float64Array(byRow.length * byBlock.length)
  byRow.forEach((factor, row) => {
    byBlock.forEach((blockFactor, block) => (values[row * byBlock.length + block] = factor * blockFactor))
  })
  return { shape: 'blocks', values }
}
