import type { TrainingBatches } from '../core/data/batches.js'
import type { Example } from '../core/data/example.js'
import { GradientEngine } from '../core/engine/gradient-engine.js'
import { float32Tensor } from '../core/engine/matrix-tensors.js'
import { runChunks } from '../core/engine/run-chunks.js'
import { featureRows, type ScorerOptions } from '../core/engine/scorer.js'
import { backpropagate } from '../core/graph/backpropagate.js'
import { blockOnInputs, type BlockVariant } from '../core/graph/block-graph.js'
import { Tape } from '../core/graph/tape.js'
import { linearShape, type ModelDescription } from '../core/model/description.js'
import { chooseRows } from '../core/random/choose-rows.js'
import type { Device, Tensor } from '../core/runtime/device.js'
import { spreadOf, type Spread } from './machine.js'

/** How far weight gradients from chosen tokens are from those of all, squared, in parts of the latter's squared norm. */
export interface VarianceResult {
  readonly linear: string
  readonly layers: readonly number[]
  /** Of the tokens. */
  readonly shares: readonly number[]
  /** One for each share, over layers and batches. */
  readonly ofSampling: readonly Spread[]
  /** What the gradient of one batch differs from another's, likewise, over layers. */
  readonly ofBatches: Spread
}

export interface VarianceSubject extends Omit<ScorerOptions, 'tokensPerRun'> {
  readonly device: Device
  readonly layers: readonly number[]
  /** Of the tokens, to estimate from. */
  readonly shares: readonly number[]
  readonly batches: TrainingBatches<Example>
  readonly batchCount: number
}

const linear = 'attn_q'
const draws = 32
/** One run a batch. */
const tokensPerRun = 8192

/** The terms of a weight gradient dW = Σ dy xᵀ over tokens. */
interface TokenTerms {
  readonly dy: Float32Array
  readonly x: Float32Array
  readonly tokens: number
}

/** Estimates weight gradients from tokens that `chooseRows` takes, as WTA-CRS (arXiv:2305.15265) does. */
export async function measureVariance(
  subject: VarianceSubject,
  report: (line: string) => void,
): Promise<VarianceResult> {
  const { layers, shares } = subject
  const ofSampling = shares.map((): number[] => [])
  const ofBatches: number[] = []
  for (const layer of layers) {
    const gradients: Float64Array[] = []
    for (let index = 0; index < subject.batchCount; index++) {
      const terms = await termsOf(subject, layer, index)
      gradients.push(productOf(terms, subject.model.description))
      const sampled = samplingVariances(terms, shares, subject.model.description)
      sampled.forEach((variance, place) => ofSampling[place].push(variance))
    }
    ofBatches.push(batchVariance(gradients))
    report(`layer ${layer}: ${shares.map((_, place) => ofSampling[place].at(-1)?.toPrecision(2)).join(', ')}`)
  }
  return {
    ...{ linear, layers, shares },
    ofSampling: ofSampling.map(spreadOf),
    ofBatches: spreadOf(ofBatches),
  }
}

/** Inputs of a linear and gradients of its outputs, from the block's own graph. */
async function termsOf(subject: VarianceSubject, layer: number, index: number): Promise<TokenTerms> {
  const { device, model, runner, features, objective, batches } = subject
  const batch = batches.at(index)
  const engine = new GradientEngine({ ...subject, tokensPerRun })
  let nextGradient = new Float32Array(0)
  await engine.gradients(
    batch,
    () => null,
    (each) => (each === layer + 1 ? ['hidden'] : []),
    (_, { hidden }) => (nextGradient = hidden.slice()),
  )
  await engine.close()
  const [{ examples }] = runChunks(batch, objective, 1, tokensPerRun)
  const entering = await features.hidden(featureRows(examples))
  const { data, batch: rows, sequence } = await runner.run(entering, features.layer, layer)
  const { width } = model.description
  const shape = [rows, sequence, width]
  const session = await device.open(
    termsGraph(model.description, { ...runner.inputs.variant(layer), factors: 'none' }),
  )
  const { rows: outputs, columns } = linearShape(model.description, linear)
  const tensor = (length: number): Tensor<'float32'> =>
    float32Tensor(new Float32Array(rows * sequence * length), [rows, sequence, length])
  const [dy, x] = [tensor(outputs), tensor(columns)]
  await session.run(
    {
      ...{ hidden: float32Tensor(data, shape), nextGradient: float32Tensor(nextGradient, shape) },
      ...(await runner.inputs.positions(layer, rows, sequence)),
      ...(await runner.inputs.weights(layer, null)),
    },
    { dy, x },
  )
  await session.close()
  return { dy: dy.data, x: x.data, tokens: rows * sequence }
}

function termsGraph(model: ModelDescription, variant: BlockVariant): Uint8Array {
  const tape = new Tape()
  const next = blockOnInputs(tape, model, variant)
  const nextGradient = tape.input('nextGradient', 'float32', ['batch', 'sequence', model.width])
  const step = tape.steps.find(({ inputs }) => inputs.includes(`${linear}.weights`))
  if (step === undefined) throw new Error(`the block has no '${linear}'`)
  const gradient = backpropagate(tape, next, nextGradient, [step.output]).get(step.output)
  tape.output('dy', gradient ?? '', 'float32')
  tape.output('x', tape.node('Identity', [step.inputs[0]]), 'float32')
  return tape.build('terms')
}

function productOf({ dy, x, tokens }: TokenTerms, model: ModelDescription): Float64Array {
  const { rows, columns } = linearShape(model, linear)
  const sum = new Float64Array(rows * columns)
  for (let token = 0; token < tokens; token++) {
    for (let row = 0; row < rows; row++) {
      const slope = dy[token * rows + row]
      if (slope === 0) continue
      for (let column = 0; column < columns; column++) {
        sum[row * columns + column] += slope * x[token * columns + column]
      }
    }
  }
  return sum
}

/**
 * E‖Σ (w_t − 1) dy_t x_tᵀ‖² / ‖Σ dy_t x_tᵀ‖² at each share, w being 0 for tokens that are left out: from the inner products of
 * all pairs of terms, (dy_s · dy_t)(x_s · x_t).
 */
function samplingVariances(
  { dy, x, tokens }: TokenTerms,
  shares: readonly number[],
  model: ModelDescription,
): number[] {
  const { rows, columns } = linearShape(model, linear)
  const used = Array.from({ length: tokens }, (_, token) => token).filter(
    (token) => squared(dy, token, rows) > 0,
  )
  const norms = used.map((token) => Math.sqrt(squared(dy, token, rows) * squared(x, token, columns)))
  const products = used.map((a) =>
    Float64Array.from(used, (b) => inner(dy, a, b, rows) * inner(x, a, b, columns)),
  )
  const normOf = (weights: ArrayLike<number>): number =>
    products.reduce((sum, ofOne, a) => {
      return weights[a] === 0
        ? sum
        : sum + weights[a] * ofOne.reduce((of, value, b) => of + weights[b] * value, 0)
    }, 0)
  const whole = normOf(new Float64Array(used.length).fill(1))
  return shares.map((share) => {
    const count = Math.max(1, Math.round(share * used.length))
    const errors = Array.from({ length: draws }, (_, seed) => {
      const weights = new Float64Array(used.length).fill(-1)
      const chosen = chooseRows(norms, count, seed)
      chosen.rows.forEach((row, place) => (weights[row] += chosen.weights[place]))
      return normOf(weights) / whole
    })
    return spreadOf(errors).mean
  })
}

/** Σ ‖G_b − Ḡ‖² / (n − 1) in parts of the mean of ‖G_b‖². */
function batchVariance(gradients: readonly Float64Array[]): number {
  const n = gradients.length
  const [{ length }] = gradients
  let [between, whole] = [0, 0]
  for (let i = 0; i < length; i++) {
    const mean = gradients.reduce((sum, gradient) => sum + gradient[i], 0) / n
    for (const gradient of gradients) {
      between += (gradient[i] - mean) ** 2
      whole += gradient[i] ** 2
    }
  }
  return between / (n - 1) / (whole / n)
}

function squared(vectors: Float32Array, index: number, length: number): number {
  return inner(vectors, index, index, length)
}

function inner(vectors: Float32Array, a: number, b: number, length: number): number {
  let sum = 0
  for (let i = 0; i < length; i++) sum += vectors[a * length + i] * vectors[b * length + i]
  return sum
}
