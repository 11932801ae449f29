import type { Matrix } from '../quantization/matrix.js'
import type { Dimension, Tape, Value } from './tape.js'

/** How a linear's weight is stored; with its shape, all that its part of a graph depends on. */
export type LinearFormat =
  | {
      readonly kind: 'quantized'
      readonly bits: 4 | 8
      readonly blockSize: number
      readonly hasZeroPoints: boolean
    }
  | { readonly kind: 'float16' }
  | { readonly kind: 'float32' }

/**
 * How zero points enter a product. `zeroPoints`: MatMulNBits takes them, best for many tokens. `blockSums`: the kernel
 * without zero points, best for few tokens, and the rest from the sums of each block of inputs; exact, since
 * (code − z)·d = (code − 8)·d + (8 − z)·d.
 */
export type ZeroPointPath = 'zeroPoints' | 'blockSums'

export interface LinearSpec {
  /** Prefix of the graph inputs, for instance `attn_q`. */
  readonly name: string
  readonly rows: number
  readonly columns: number
  readonly format: LinearFormat
  readonly hasBias: boolean
  readonly zeroPointPath: ZeroPointPath
}

/** Factors that multiply a linear's outputs and inputs, without touching its weight. */
export interface LinearFactors {
  /** Shape [batch or 1, 1, rows]; multiplies the outputs. */
  readonly rows?: Value
  /** Shape [batch or 1, 1, columns]; multiplies the inputs. */
  readonly columns?: Value
}

/** The format of a matrix in memory. */
export function formatOf(matrix: Matrix): LinearFormat {
  if (matrix.kind !== 'quantized') return { kind: matrix.kind }
  const { bits, blockSize, zeroPoints } = matrix
  return { kind: 'quantized', bits, blockSize, hasZeroPoints: zeroPoints !== null }
}

/** Declares the weight inputs of `spec` and returns where they are in the graph. */
export type WeightSource = (
  part: string,
  type: 'uint8' | 'float32' | 'float16',
  shape: readonly number[],
) => Value

/** Weights as graph inputs called `name.part`. */
export function weightsAsInputs(tape: Tape, name: string): WeightSource {
  return (part, type, shape) => tape.input(`${name}.${part}`, type, shape)
}

/**
 * y = rowFactors ∘ ((x ∘ columnFactors) Wᵀ) + bias
 *
 * @param x shape [batch, sequence, columns]
 * @returns shape [batch, sequence, rows]
 */
export function linear(
  tape: Tape,
  x: Value,
  spec: LinearSpec,
  source: WeightSource,
  factors: LinearFactors = {},
): Value {
  const scaled = factors.columns === undefined ? x : tape.node('Mul', [x, factors.columns])
  const product = productOf(tape, scaled, spec, source)
  const y = factors.rows === undefined ? product : tape.node('Mul', [product, factors.rows])
  return spec.hasBias ? tape.node('Add', [y, source('bias', 'float32', [spec.rows])]) : y
}

function productOf(tape: Tape, x: Value, spec: LinearSpec, source: WeightSource): Value {
  const { rows, columns, format } = spec
  if (format.kind === 'quantized') return quantizedProduct(tape, x, spec, format, source)
  const stored = source('weights', format.kind, [rows, columns])
  const weights = format.kind === 'float16' ? tape.node('Cast', [stored], { to: 1 }) : stored
  return tape.node('FusedMatMul', [x, weights], { transB: 1 }, { domain: 'com.microsoft' })
}

function quantizedProduct(
  tape: Tape,
  x: Value,
  { rows, columns, zeroPointPath }: LinearSpec,
  { bits, blockSize, hasZeroPoints }: LinearFormat & { kind: 'quantized' },
  source: WeightSource,
): Value {
  const blocks = columns / blockSize
  const codes = source('codes', 'uint8', [rows, blocks, (blockSize * bits) / 8])
  const scales = source('scales', 'float32', [rows, blocks])
  const usesZeroPoints = hasZeroPoints && zeroPointPath === 'zeroPoints'
  const inputs = [
    x,
    codes,
    scales,
    ...(usesZeroPoints ? [source('zeroPoints', 'float32', [rows, blocks])] : []),
  ]
  // Level 1 is fp32; level 4 (int8) is silently wrong where scales are not constants.
  const attributes = { K: columns, N: rows, bits, block_size: blockSize, accuracy_level: 1 }
  const product = tape.node('MatMulNBits', inputs, attributes, { domain: 'com.microsoft' })
  if (!hasZeroPoints || usesZeroPoints) return product
  const byBlock = tape.node('Reshape', [x, tape.int64([0, 0, blocks, blockSize])])
  const sums = tape.node('ReduceSum', [byBlock, tape.int64([-1])], { keepdims: 0 })
  const offsets = source('offsets', 'float32', [rows, blocks])
  return tape.node('Add', [
    product,
    tape.node('FusedMatMul', [sums, offsets], { transB: 1 }, { domain: 'com.microsoft' }),
  ])
}

/** The shape of a factor input: one set for all examples, or one for each. */
export function factorShape(length: number): readonly Dimension[] {
  return ['factorBatch', 1, length]
}
