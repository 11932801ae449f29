import type { Probing } from '../schema/probing.js'
import { probeKernel, probeShare } from './probe-kernel.js'

/** Losses at the probes of a step, in nats: one each a lane, a lane being a direction. */
export interface Measurement {
  readonly lossPlus: readonly number[]
  /** Empty where only one side is measured. */
  readonly lossMinus: readonly number[]
  /** At the state itself, where that is measured. */
  readonly lossClean?: number | undefined
}

/** Where a step stands in its run. */
export interface StepContext {
  readonly step: number
  readonly steps: number
  /** Fixes the directions of the step. */
  readonly seed: number
  /** Size ε of a probe. */
  readonly perturbationScale: number
}

/**
 * An estimate of L(+ε) − L(−ε) = 2ε · slope along each lane's direction:
 * two-point l⁺ − l⁻; one-sided 2 (l⁺ − b), b being the loss at the state or the mean of the other lanes; curvature
 * (l⁺ − l⁻) / max(1, |c|^a), c = (l⁺ − 2 l⁰ + l⁻) / ε²; kernel (l⁺ − l⁻) K(r), measured at ± r ε.
 *
 * Source: SPSA, Spall 1992; one-sided with the clean loss FZOO, arXiv:2506.09034, with the others' mean (leave one
 * out) Kool et al. 2019; curvature 1.5-SPSA; kernel KerZOO, arXiv:2505.18886.
 */
export function probeDifferences(
  { lossPlus, lossMinus, lossClean = 0 }: Measurement,
  probing: Probing,
  { seed, step, steps, perturbationScale }: StepContext,
): number[] {
  switch (probing.kind) {
    case 'two-point':
      return lossPlus.map((loss, lane) => loss - lossMinus[lane])
    case 'one-sided': {
      const sum = lossPlus.reduce((total, loss) => total + loss, 0)
      const others = (loss: number): number => (sum - loss) / (lossPlus.length - 1)
      return lossPlus.map((loss) => 2 * (loss - (probing.baseline === 'clean' ? lossClean : others(loss))))
    }
    case 'curvature':
      return lossPlus.map((loss, lane) => {
        const curvature = (loss - 2 * lossClean + lossMinus[lane]) / perturbationScale ** 2
        return (loss - lossMinus[lane]) / Math.max(1, Math.abs(curvature) ** probing.exponent)
      })
    case 'kernel': {
      const weight = probeKernel(probing.kernel, probeShare(probing, seed, step, steps))
      return lossPlus.map((loss, lane) => (loss - lossMinus[lane]) * weight)
    }
  }
}

/** Root mean square slope along the directions of a step, as its losses show it: what a curve draws. */
export function probeSlope({ lossPlus, lossMinus }: Measurement, perturbationScale: number): number {
  const mean = lossPlus.reduce((sum, loss) => sum + loss, 0) / lossPlus.length
  const slopes = lossPlus.map((loss, lane) =>
    lossMinus.length === 0
      ? (loss - mean) / perturbationScale
      : (loss - lossMinus[lane]) / (2 * perturbationScale),
  )
  return Math.sqrt(slopes.reduce((sum, slope) => sum + slope ** 2, 0) / slopes.length)
}
