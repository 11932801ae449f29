/**
 * Mean squared error: Σᵢ (output[i] − target[i])² / n, over all n numbers, in float64 and in their order.
 *
 * @param output of the same length as `target`, which is not 0
 */
export function meanSquaredError(output: Float32Array, target: Float32Array): number {
  let sum = 0
  for (let i = 0; i < target.length; i++) {
    const difference = output[i] - target[i]
    sum += difference * difference
  }
  return sum / target.length
}
