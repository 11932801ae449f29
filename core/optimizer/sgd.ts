import type { GradientUpdate } from '../schema/gradient-update.js'
import { joinState, splitState, stateByteLength } from './state-bytes.js'
import type { TensorRule } from './tensor-rule.js'

/**
 * Gradient descent with momentum μ and decoupled weight decay λ:
 *
 *   u ← μ u + g
 *   θ ← θ − η λ θ − η u
 *
 * Without momentum u is g and nothing is kept.
 *
 * Source: Polyak 1964, in the form of Sutskever et al. 2013, section 2, with η outside the velocity.
 */
export function sgd({ momentum, weightDecay }: GradientUpdate & { kind: 'sgd' }, length: number): TensorRule {
  const velocity = new Float32Array(momentum === 0 ? 0 : length)
  const parts = [new Uint8Array(velocity.buffer)]
  return {
    parts,
    stateByteLength: stateByteLength(parts),
    update(values, gradient, { learningRate }) {
      const kept = 1 - learningRate * weightDecay
      for (let i = 0; i < values.length; i++) {
        let direction = gradient[i]
        if (momentum > 0) {
          direction += momentum * velocity[i]
          velocity[i] = direction
        }
        values[i] = kept * values[i] - learningRate * direction
      }
    },
    save: () => joinState(parts),
    load: (bytes) => splitState(bytes, parts),
  }
}
