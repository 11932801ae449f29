/** Llama 3's scaling of positions. */
export interface Llama3Scaling {
  readonly factor: number
  readonly low: number
  readonly high: number
  /** Context length before it was scaled. */
  readonly length: number
}

/**
 * Frequencies of long waves are divided by the factor, those of short ones stay, and between they go smoothly over.
 *
 * Source: Hugging Face transformers, modeling_rope_utils.py, "llama3".
 *
 * @returns shape [headWidth / 2]
 */
export function llama3Factors(
  { factor, low, high, length }: Llama3Scaling,
  base: number,
  headWidth: number,
): Float32Array {
  return Float32Array.from({ length: headWidth / 2 }, (_, pair) => {
    const wave = 2 * Math.PI * base ** ((2 * pair) / headWidth)
    if (wave < length / high) return 1
    if (wave > length / low) return factor
    const smooth = (length / wave - low) / (high - low)
    return 1 / ((1 - smooth) / factor + smooth)
  })
}
