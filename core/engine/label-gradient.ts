import type { LabelExample } from '../data/example.js'
import { labelScore } from './example-score.js'
import { labelHead, logSumExp, outputRows } from './label-head.js'
import type { LoadedModel } from './loaded-model.js'
import type { LossGradient } from './loss-gradient.js'
import { addOutputNormGradient, logitSlope } from './output-norm.js'

/**
 * The gradient of labels that are single tokens, in closed form and float64: each example reads one hidden state.
 *
 * L = logΣexp(logits) − logit(right), so ∂L/∂logit(t) = softmax(t) − [t is right], and logit(t) is w_t · normed(h),
 * scaled and capped.
 *
 * @param tokens the token of each label
 */
export function labelGradient(model: LoadedModel, tokens: readonly number[]): LossGradient {
  const { width } = model.description
  const head = labelHead(model, tokens)
  const rows = outputRows(model, tokens)
  return (chunk, { data, sequence }, share, gradient) => {
    const scores = chunk.map(({ example, rows: [{ positions }] }, row) => {
      const { label } = example as LabelExample
      const offset = (row * sequence + positions[0]) * width
      const logits = head(data, offset)
      const ofLogits = scaledSoftmaxGradient(logits, label, share)
      const ofNormed = new Float64Array(width)
      rows.forEach((weights, option) => {
        const ofProduct = ofLogits[option] * logitSlope(model, logits[option])
        for (let i = 0; i < width; i++) ofNormed[i] += ofProduct * weights[i]
      })
      addOutputNormGradient(model, ofNormed, data, gradient, offset)
      return labelScore(logits, label)
    })
    return Promise.resolve(scores)
  }
}

/** share · (softmax(scores) − [right]): the gradient of share times the cross entropy. */
export function scaledSoftmaxGradient(scores: ArrayLike<number>, right: number, share: number): Float64Array {
  const total = logSumExp(scores)
  return Float64Array.from(scores, (score, i) => share * (Math.exp(score - total) - (i === right ? 1 : 0)))
}
