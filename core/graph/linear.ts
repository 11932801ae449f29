import type { CodeTableName } from '../schema/code-table.js'
import { codeTable } from '../quantization/code-tables/code-table.js'
import type { Matrix } from '../quantization/matrix.js'
import type { Precision } from '../schema/precision.js'
import { branchProduct, type LowRankBranch } from './branch.js'
import { add, addBias, multiplyChannels } from './operators/elementwise.js'
import type { TokenChoice } from './operators/chosen-tokens.js'
import { halved } from './operators/half-floats.js'
import { halfMatrixProduct, matrixProduct } from './operators/matrix-product.js'
import { blockSums, quantizedProduct } from './operators/quantized-product.js'
import type { CodeLookup } from './operators/unpack.js'
import { elementTypes, type Dimension, type Initializer, type Tape, type Value } from './tape.js'

/** How a linear's weight is stored; with its shape, all that its part of a graph depends on. */
export type LinearFormat =
  | {
      readonly kind: 'quantized'
      readonly bits: 4 | 8
      readonly blockSize: number
      readonly hasZeroPoints: boolean
      /** What codes are looked up in, with or without outliers beside. */
      readonly table?: CodeTableName
      readonly hasOutliers?: true
    }
  | { readonly kind: 'float16' }
  | { readonly kind: 'float32' }

/**
 * How a quantized product is computed.
 *
 * `zeroPoints`: with a zero point for every block of the types that have some; for weights that are inputs. 4-bit types
 * without zero points are given 8 for each, because the kernel unpacks such weights twice as fast.
 *
 * `blockSums`: by its kernel for 4 bits without zero points, and the rest from the sums of each block of inputs; exact, since
 * (code − z)·d = (code − 8)·d + (8 − z)·d. With constant weights that is many times faster for few tokens.
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
  /** Whether a quantized weight is given as floats too, `weights`; its products are then taken with them, in float32. */
  readonly isUnpacked?: boolean
  /** Of the product with the weight, float32 unless said; a branch beside it is in floats. */
  readonly precision?: Precision
  /** From which tokens gradients of a quantized weight are estimated; from all unless said. */
  readonly tokens?: TokenChoice | null
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
  const { bits, blockSize, zeroPoints, table, outliers } = matrix
  return {
    kind: 'quantized',
    bits,
    blockSize,
    hasZeroPoints: zeroPoints !== null,
    ...(table !== undefined && { table }),
    ...(outliers !== undefined && { hasOutliers: true }),
  }
}

/** Declares the weight inputs of `spec` and returns where they are in the graph. */
export type WeightSource = (
  part: string,
  type: 'uint8' | 'float32' | 'float16' | 'int32',
  shape: readonly Dimension[],
) => Value

/** Weights as graph inputs called `name.part`. */
export function weightsAsInputs(tape: Tape, name: string): WeightSource {
  return (part, type, shape) => tape.input(`${name}.${part}`, type, shape)
}

/** Where the data of the weight called `name` is. */
export type ContentOf = (name: string) => Initializer['content']

/** Weights as part of the model, called `name.part`. */
export function weightsAsInitializers(tape: Tape, name: string, contentOf: ContentOf): WeightSource {
  return (part, type, shape) => {
    const whole = `${name}.${part}`
    const content = contentOf(whole)
    const byteLength = 'data' in content ? content.data.byteLength : content.length
    // Only lists of four-byte numbers have a length that the format does not say.
    const known = shape.map((length) => (typeof length === 'number' ? length : byteLength / 4))
    return tape.initializer({ name: whole, type, shape: known, content })
  }
}

/**
 * y = rowFactors ∘ ((x ∘ columnFactors) Wᵀ) + scale · (x Aᵀ) Bᵀ + bias
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
  branch: LowRankBranch | null = null,
): Value {
  const scaled = factors.columns === undefined ? x : multiplyChannels(tape, x, factors.columns)
  const product = productOf(tape, scaled, spec, source)
  const main = factors.rows === undefined ? product : multiplyChannels(tape, product, factors.rows)
  const y = branch === null ? main : add(tape, main, branchProduct(tape, x, branch))
  return spec.hasBias ? addBias(tape, y, source('bias', 'float32', [spec.rows])) : y
}

function productOf(tape: Tape, x: Value, spec: LinearSpec, source: WeightSource): Value {
  const { rows, columns, format, precision = 'float32' } = spec
  if (format.kind === 'quantized') return productWithCodes(tape, x, spec, format, source)
  const stored = source('weights', format.kind, [rows, columns])
  if (precision === 'float16') {
    return halfMatrixProduct(tape, x, format.kind === 'float16' ? stored : halved(tape, stored, 2), stored)
  }
  return matrixProduct(tape, x, format.kind === 'float16' ? floatsOf(tape, stored) : stored)
}

/** Half floats as floats; the gradient stays in floats. */
function floatsOf(tape: Tape, halves: Value): Value {
  const floats = tape.node('Cast', [halves], { to: elementTypes.float32 })
  return tape.differentiable(floats, [halves], (gradient) => [() => gradient])
}

function productWithCodes(
  tape: Tape,
  x: Value,
  {
    name,
    rows,
    columns,
    zeroPointPath,
    isUnpacked = false,
    precision = 'float32',
    tokens = null,
  }: LinearSpec,
  { bits, blockSize, hasZeroPoints, table, hasOutliers }: LinearFormat & { kind: 'quantized' },
  source: WeightSource,
): Value {
  const blocks = columns / blockSize
  const codes = source('codes', 'uint8', [rows, blocks, (blockSize * bits) / 8])
  const scales = source('scales', 'float32', [rows, blocks])
  const sum = (): Value => blockSums(tape, x, blocks, blockSize)
  const productInBlocks = (): Value => {
    if (bits === 8) return nibbleProduct(tape, x, { rows, columns, blockSize, codes, scales })
    return quantizedProduct(
      tape,
      x,
      `${name}.weights`,
      { ...matrix, zeroPoints: null },
      { precision, tokens: null },
    )
  }
  const values = isUnpacked ? source('weights', 'float32', [rows, columns]) : null
  const matrix = { rows, columns, bits, blockSize, codes, scales, values }
  if (table !== undefined) {
    const lookup = { levels: codeTable(table, blockSize), outliers: hasOutliers ? outliersOf(source) : null }
    return quantizedProduct(
      tape,
      x,
      `${name}.weights`,
      { ...matrix, zeroPoints: null, lookup },
      { precision, tokens },
    )
  }
  if (zeroPointPath === 'zeroPoints') {
    const isGiven = bits === 4 || hasZeroPoints
    const zeroPoints = isGiven ? source('zeroPoints', 'float32', [rows, blocks]) : null
    return quantizedProduct(tape, x, `${name}.weights`, { ...matrix, zeroPoints }, { precision, tokens })
  }
  const product = productInBlocks()
  if (!hasZeroPoints) return product
  const offsets = source('offsets', 'float32', [rows, blocks])
  return tape.node('Add', [
    product,
    tape.node('FusedMatMul', [sum(), offsets], { transB: 1 }, { domain: 'com.microsoft' }),
  ])
}

function outliersOf(source: WeightSource): NonNullable<CodeLookup['outliers']> {
  return {
    positions: source('outlierPositions', 'int32', ['outliers']),
    values: source('outliers', 'float32', ['outliers']),
  }
}

interface ByteCodes {
  readonly rows: number
  readonly columns: number
  readonly blockSize: number
  readonly codes: Value
  readonly scales: Value
}

/**
 * The product with 8-bit codes whose zero point is 128, by the kernel for 4 bits, which is the fast one: a byte is two
 * codes, low nibble first, so a row of bytes is a row of twice as many nibbles for the inputs (x₀, 16·x₀, x₁, 16·x₁, …).
 *
 * (low − 8) + 16·(high − 8) = code − 136, so 8 · d · the sum of each block of inputs is still to be added.
 */
function nibbleProduct(tape: Tape, x: Value, { rows, columns, blockSize, codes, scales }: ByteCodes): Value {
  const pairs = tape.node(
    'Concat',
    [
      tape.node('Unsqueeze', [x, tape.int64([-1])]),
      tape.node('Unsqueeze', [tape.node('Mul', [x, tape.float32(16)]), tape.int64([-1])]),
    ],
    { axis: -1 },
  )
  const doubled = tape.node('Reshape', [pairs, tape.int64([0, 0, 2 * columns])])
  const attributes = { K: 2 * columns, N: rows, bits: 4, block_size: 2 * blockSize, accuracy_level: 1 }
  const product = tape.node('MatMulNBits', [doubled, codes, scales], attributes, { domain: 'com.microsoft' })
  const sums = blockSums(tape, x, columns / blockSize, blockSize)
  const rest = tape.node(
    'FusedMatMul',
    [sums, scales],
    { transB: 1, alpha: { float: 8 } },
    { domain: 'com.microsoft' },
  )
  return tape.node('Add', [product, rest])
}

/** The shape of a factor input: one set for all examples, or one for each. */
export function factorShape(length: number): readonly Dimension[] {
  return ['factorBatch', 1, length]
}
