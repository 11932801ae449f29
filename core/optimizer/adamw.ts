import type { GradientUpdate } from '../schema/gradient-update.js'
import { momentChunk, type Moment } from './moment.js'
import { joinState, splitState, stateByteLength } from './state-bytes.js'
import type { TensorRule } from './tensor-rule.js'

/** What the rule takes of an update. */
type AdamSettings = Pick<GradientUpdate & { kind: 'adamw' }, 'betas' | 'epsilon' | 'weightDecay'>

/**
 * Adam with decoupled weight decay λ:
 *
 *   m ← β₁ m + (1 − β₁) g
 *   v ← β₂ v + (1 − β₂) g²
 *   θ ← θ − η λ θ − η · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + ε),   t = step + 1
 *
 * The step uses m and v before they are stored, so a coarse code costs the next step only.
 *
 * Source: Kingma and Ba 2015, arXiv:1412.6980, Algorithm 1; Loshchilov and Hutter 2019, arXiv:1711.05101, Algorithm 2.
 */
export function adamw(
  { betas: [beta1, beta2], epsilon, weightDecay }: AdamSettings,
  mean: Moment,
  square: Moment,
): TensorRule {
  const parts = [...mean.parts, ...square.parts]
  return {
    parts,
    stateByteLength: stateByteLength(parts),
    update(values, gradient, { step, learningRate }) {
      const stepSize = learningRate / (1 - beta1 ** (step + 1))
      const rootCorrection = 1 / Math.sqrt(1 - beta2 ** (step + 1))
      const kept = 1 - learningRate * weightDecay
      for (let start = 0; start < values.length; start += momentChunk) {
        const count = Math.min(momentChunk, values.length - start)
        const m = mean.read(start, count)
        const v = square.read(start, count)
        for (let i = 0; i < count; i++) {
          const g = gradient[start + i]
          const newMean = beta1 * m[i] + (1 - beta1) * g
          const newSquare = beta2 * v[i] + (1 - beta2) * g * g
          const scale = Math.sqrt(newSquare) * rootCorrection + epsilon
          values[start + i] = kept * values[start + i] - (stepSize * newMean) / scale
          m[i] = newMean
          v[i] = newSquare
        }
        mean.write(step)
        square.write(step)
      }
    },
    save: () => joinState(parts),
    load: (bytes) => splitState(bytes, parts),
  }
}
