import type { GradientUpdate } from '../schema/gradient-update.js'
import { momentChunk, type Moment } from './moment.js'
import { joinState, splitState, stateByteLength } from './state-bytes.js'
import type { TensorRule } from './tensor-rule.js'

/**
 * Steps of one size in the direction of a running mean's signs, with decoupled weight decay λ:
 *
 *   u ← sign(β₁ m + (1 − β₁) g)
 *   θ ← θ − η λ θ − η u
 *   m ← β₂ m + (1 − β₂) g
 *
 * One running mean, so half of AdamW's state.
 *
 * Source: Lion, Chen et al. 2023, arXiv:2302.06675, Algorithm 2.
 */
export function lion(
  { betas: [beta1, beta2], weightDecay }: GradientUpdate & { kind: 'lion' },
  mean: Moment,
): TensorRule {
  const { parts } = mean
  return {
    parts,
    stateByteLength: stateByteLength(parts),
    update(values, gradient, { step, learningRate }) {
      const kept = 1 - learningRate * weightDecay
      for (let start = 0; start < values.length; start += momentChunk) {
        const count = Math.min(momentChunk, values.length - start)
        const m = mean.read(start, count)
        for (let i = 0; i < count; i++) {
          const g = gradient[start + i]
          const direction = Math.sign(beta1 * m[i] + (1 - beta1) * g)
          values[start + i] = kept * values[start + i] - learningRate * direction
          m[i] = beta2 * m[i] + (1 - beta2) * g
        }
        mean.write(step)
      }
    },
    save: () => joinState(parts),
    load: (bytes) => splitState(bytes, parts),
  }
}
