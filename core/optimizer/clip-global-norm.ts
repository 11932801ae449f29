/**
 * Scales all gradients by one factor, so that their joint Euclidean norm is at most `limit`: g ← g · min(1, limit / ‖g‖).
 *
 * The sum of squares is float64, in the order given, so that equal gradients give equal bits. A norm that is not finite is
 * returned and nothing is scaled: the caller stops or skips the step.
 *
 * Source: Pascanu et al. 2013, arXiv:1211.5063, Algorithm 1.
 *
 * @param limit null never scales
 * @returns the norm before
 */
export function clipGlobalNorm(gradients: readonly Float32Array[], limit: number | null): number {
  let squares = 0
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) squares += gradient[i] * gradient[i]
  }
  const norm = Math.sqrt(squares)
  if (limit === null || norm <= limit || !Number.isFinite(norm)) return norm
  const factor = limit / norm
  for (const gradient of gradients) {
    for (let i = 0; i < gradient.length; i++) gradient[i] *= factor
  }
  return norm
}
