/** A share that falls linearly from 1 at step 0 towards `finalShare` after the last step. */
export function linearDecay(step: number, steps: number, finalShare: number): number {
  return 1 - (1 - finalShare) * (step / steps)
}
