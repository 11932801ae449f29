import { philox4x32, uniform } from '../random/philox.js'
import type { Probing } from '../schema/probing.js'

type KernelProbing = Probing & { kind: 'kernel' }

/**
 * K(r), odd in r, with ∫ r K(r) dr / 2 = 1 over [−1, 1]: two losses at ± r ε, their difference weighed by K(r), have the
 * slope as their mean. The cubic kernel's third moment is 0, the quintic's third and fifth: errors from the third (and the
 * fifth) derivative of the loss cancel, at 6.25 (13.25) times the second moment.
 *
 * Source: KerZOO, arXiv:2505.18886; kernels of Polyak and Tsybakov 1990. The quintic is normalised here; as printed in the
 * paper its first moment is 1.857.
 */
export function probeKernel(name: KernelProbing['kernel'], r: number): number {
  switch (name) {
    case 'linear':
      return 3 * r
    case 'cubic':
      return (15 / 4) * r * (5 - 7 * r ** 2)
    case 'quintic':
      return (105 / 64) * r * (35 - 126 * r ** 2 + 99 * r ** 4)
  }
}

/**
 * The share r of the probe's size that a step takes: even in (0, R), R falling evenly from the first largest share towards
 * the last. Its sign would change nothing, since both sides are measured and K is odd.
 */
export function probeShare(
  { largestShare: [first, last] }: KernelProbing,
  seed: number,
  step: number,
  steps: number,
): number {
  const largest = first + (last - first) * (step / steps)
  return largest * uniform(philox4x32([0, 0, 0, 6], [seed, 0])[0])
}
