import { momentChunk, type Moment } from './moment.js'
import { joinState, splitState, stateByteLength } from './state-bytes.js'
import type { TensorRule } from './tensor-rule.js'

/**
 * Steps along a running mean, whose weights sum to 1, so that a gradient moves as far in the end as without it:
 *
 *   m ← β m + (1 − β) g
 *   θ ← θ − η m
 *
 * The step uses m before it is stored, as in `adamw`.
 *
 * Source: Polyak 1964, with the gradient dampened by 1 − β.
 */
export function momentum({ beta }: { readonly beta: number }, mean: Moment): TensorRule {
  const { parts } = mean
  return {
    parts,
    stateByteLength: stateByteLength(parts),
    update(values, gradient, { step, learningRate }) {
      for (let start = 0; start < values.length; start += momentChunk) {
        const count = Math.min(momentChunk, values.length - start)
        const m = mean.read(start, count)
        for (let i = 0; i < count; i++) {
          const newMean = beta * m[i] + (1 - beta) * gradient[start + i]
          values[start + i] -= learningRate * newMean
          m[i] = newMean
        }
        mean.write(step)
      }
    },
    save: () => joinState(parts),
    load: (bytes) => splitState(bytes, parts),
  }
}
