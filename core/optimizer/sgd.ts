import type { GradientUpdate } from '../schema/gradient-update.js'
import { floatMoment } from './float-moment.js'
import { loadMoments, momentByteLength, saveMoments } from './moment.js'
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
  const moments = momentum === 0 ? [] : [floatMoment(length)]
  return {
    stateByteLength: momentByteLength(moments),
    update(values, gradient, { learningRate }) {
      const kept = 1 - learningRate * weightDecay
      const velocity = moments.at(0)?.read(0, length)
      for (let i = 0; i < values.length; i++) {
        const direction = velocity ? momentum * velocity[i] + gradient[i] : gradient[i]
        if (velocity) velocity[i] = direction
        values[i] = kept * values[i] - learningRate * direction
      }
    },
    save: () => saveMoments(moments),
    load: (bytes) => loadMoments(moments, bytes),
  }
}
