import { integerBlockLengths, type IntegerBlockLength } from '../../formats/integer-blocks.js'
import type { OnnxNode } from '../../formats/onnx/onnx-graph.js'
import type { OpenOnnx, PlacedOnnxTensor } from '../../formats/onnx/open-onnx.js'
import { malformedOnnx } from '../../formats/onnx/read-onnx.js'
import { modelProblem } from '../../schema/model-problems.js'
import { unsupportedOnnx } from './onnx-errors.js'
import { middleOf, type BlockMatrix, type FloatMatrix, type ZeroPoints } from './stored-matrix.js'
import { floatBytes } from './stored-numbers.js'

const floats: readonly string[] = ['F32', 'F16', 'BF16']
const integers: Readonly<Record<string, { readonly bits: 4 | 8; readonly isSigned: boolean } | undefined>> = {
  U4: { bits: 4, isSigned: false },
  I4: { bits: 4, isSigned: true },
  U8: { bits: 8, isSigned: false },
  I8: { bits: 8, isSigned: true },
}

/**
 * The matrix of a MatMulNBits: codes [N, blocks, bytes], scales [N, blocks], zero points packed row by row or as floats, or none.
 *
 * Source: onnxruntime, docs/ContribOperators.md, com.microsoft.MatMulNBits.
 *
 * @throws EngineError `model-malformed`, `model-unsupported`
 */
export function matrixOfProduct(open: OpenOnnx, { name, inputs, attributes }: OnnxNode): BlockMatrix {
  const [, codesName, scalesName, zerosName = '', groups = ''] = inputs
  if (groups !== '') throw unsupportedOnnx(open.path, modelProblem('onnx-order', { name }), 'their own order')
  const number = (key: string, usual = 0): number => Number(attributes.get(key) ?? usual)
  const [rows, columns] = [number('N'), number('K')]
  const bits = bitsOf(open, number('bits', 4), 'MatMulNBits')
  const shape = { rows, columns, blockLength: blockLengthOf(open, name, columns, number('block_size')) }
  const blocks = columns / shape.blockLength
  const codes = checked(open, codesName, ['U8'], (rows * columns * bits) / 8)
  const scales = checkedFloats(open, scalesName, rows * blocks)
  const zeroPoints = zerosName === '' ? null : paddedZeroPoints(open, zerosName, { rows, blocks, bits })
  return {
    kind: 'blocks',
    ...shape,
    bits,
    codes,
    scales,
    zeroPoints: zeroPoints ?? { kind: 'same', value: middleOf({ bits }) },
    isSigned: false,
    isTransposed: false,
  }
}

/**
 * The table of a GatherBlockQuantized: codes of a token in a row, as bytes or as 4-bit elements.
 *
 * Source: onnxruntime, docs/ContribOperators.md, com.microsoft.GatherBlockQuantized.
 *
 * @param dataName its codes, which a Reshape may have been put before. @throws EngineError as `matrixOfProduct`
 */
export function matrixOfTable(open: OpenOnnx, node: OnnxNode, dataName: string): BlockMatrix {
  const { name, inputs, attributes } = node
  const [, , scalesName = '', zerosName = ''] = inputs
  const data = open.place(dataName)
  const scales = open.place(scalesName)
  const isPacked = data.dtype === 'U8'
  const kind = isPacked
    ? { bits: Number(attributes.get('bits') ?? 4), isSigned: false }
    : integers[data.dtype]
  const bits = bitsOf(open, kind?.bits ?? NaN, 'GatherBlockQuantized')
  const isByRows =
    (attributes.get('gather_axis') ?? 0) === 0 &&
    [1, -1].includes(Number(attributes.get('quantize_axis') ?? 1))
  if (!isByRows)
    throw unsupportedOnnx(open.path, modelProblem('onnx-layout', { name }), 'a row for each token')
  const [rows = 0] = scales.shape
  const columns = (data.byteLength * 8) / bits / rows
  const blockLength = blockLengthOf(open, name, columns, Number(attributes.get('block_size') ?? 128))
  const blocks = columns / blockLength
  checkedFloats(open, scalesName, rows * blocks)
  const hasMiddle = isPacked || kind?.isSigned === true
  const none: ZeroPoints = { kind: 'same', value: hasMiddle ? middleOf({ bits }) : 0 }
  return {
    kind: 'blocks',
    rows,
    columns,
    bits,
    blockLength,
    codes: data,
    scales,
    zeroPoints:
      zerosName === '' ? none : packedZeroPoints(open, zerosName, { rows, blocks, bits, isPadded: isPacked }),
    isSigned: kind?.isSigned ?? false,
    isTransposed: false,
  }
}

/**
 * The matrix of a DequantizeLinear with blocks along its inputs: [inputs, outputs] in blocks of the first axis, or [outputs, inputs]
 * in blocks of the second where a Transpose follows.
 *
 * Source: ONNX, operators, DequantizeLinear 21.
 *
 * @throws EngineError as `matrixOfProduct`
 */
export function matrixOfDequantized(open: OpenOnnx, node: OnnxNode, isTransposed: boolean): BlockMatrix {
  const { name, inputs, attributes } = node
  const [codesName, scalesName, zerosName = ''] = inputs
  const codes = open.place(codesName)
  const kind = integers[codes.dtype]
  if (kind === undefined)
    throw unsupportedOnnx(
      open.path,
      modelProblem('tensor-type-in', { type: codes.dtype, name: codesName }),
      Object.keys(integers).join(', '),
    )
  const axis = Number(attributes.get('axis') ?? 1)
  const isAlongInputs = isTransposed ? axis === 0 || axis === -2 : axis === 1 || axis === -1
  if (codes.shape.length !== 2 || !isAlongInputs) {
    throw unsupportedOnnx(open.path, modelProblem('onnx-layout', { name }), 'blocks along the inputs')
  }
  const [rows, columns] = isTransposed ? codes.shape.toReversed() : codes.shape
  const blockLength = blockLengthOf(open, name, columns, Number(attributes.get('block_size') ?? 0))
  const blocks = columns / blockLength
  const scales = checkedFloats(open, scalesName, rows * blocks)
  const { bits, isSigned } = kind
  const zeroPoints: ZeroPoints =
    zerosName === ''
      ? { kind: 'same', value: isSigned ? middleOf({ bits }) : 0 }
      : packedZeroPoints(open, zerosName, { rows, blocks, bits, isPadded: false })
  return {
    kind: 'blocks',
    rows,
    columns,
    bits,
    blockLength,
    codes,
    scales,
    zeroPoints,
    isSigned,
    isTransposed,
  }
}

/** A matrix of floats, [inputs, outputs] where it is transposed. Throws as `matrixOfProduct`. */
export function floatMatrix(open: OpenOnnx, name: string, isTransposed: boolean): FloatMatrix {
  const tensor = open.place(name)
  if (tensor.shape.length !== 2 || !floats.includes(tensor.dtype)) {
    const shape = `${tensor.dtype} [${tensor.shape.join(', ')}]`
    throw malformedOnnx(
      open.path,
      `tensor '${name}'`,
      `expected a matrix of ${floats.join(' or ')}, found ${shape}`,
    )
  }
  const [rows, columns] = isTransposed ? tensor.shape.toReversed() : tensor.shape
  return { kind: 'floats', rows, columns, tensor, isTransposed }
}

export function bitsOf({ path }: OpenOnnx, bits: number, operator: string): 4 | 8 {
  if (bits === 4 || bits === 8) return bits
  throw unsupportedOnnx(
    path,
    modelProblem('packed-bits', { bits: String(bits), name: operator }),
    '4 and 8 bits',
  )
}

export function blockLengthOf(
  { path }: OpenOnnx,
  name: string,
  columns: number,
  found: number,
): IntegerBlockLength {
  const length = integerBlockLengths.find((each) => each === found)
  if (length !== undefined && columns > 0 && columns % length === 0) return length
  const feature = modelProblem('onnx-blocks', { count: found, total: columns, name })
  throw unsupportedOnnx(path, feature, `whole blocks of ${integerBlockLengths.join(', ')}`)
}

interface BlockCounts {
  readonly rows: number
  readonly blocks: number
  readonly bits: 4 | 8
}

function paddedZeroPoints(open: OpenOnnx, name: string, counts: BlockCounts): ZeroPoints {
  const tensor = open.place(name)
  if (tensor.dtype === 'U8') return packedZeroPoints(open, name, { ...counts, isPadded: true })
  return { kind: 'floats', tensor: checkedFloats(open, name, counts.rows * counts.blocks) }
}

function packedZeroPoints(
  open: OpenOnnx,
  name: string,
  { rows, blocks, bits, isPadded }: BlockCounts & { readonly isPadded: boolean },
): ZeroPoints {
  const bytes = isPadded ? rows * Math.ceil((blocks * bits) / 8) : Math.ceil((rows * blocks * bits) / 8)
  return { kind: 'codes', tensor: checked(open, name, Object.keys(integers), bytes), isPadded }
}

export function checkedFloats(open: OpenOnnx, name: string, count: number): PlacedOnnxTensor {
  return checked(open, name, floats, count * floatBytes(open.place(name)))
}

export function checked(
  open: OpenOnnx,
  name: string,
  dtypes: readonly string[],
  byteLength: number,
): PlacedOnnxTensor {
  const tensor = open.place(name)
  if (dtypes.includes(tensor.dtype) && tensor.byteLength === byteLength) return tensor
  const found = `${tensor.byteLength} of ${tensor.dtype} [${tensor.shape.join(', ')}]`
  const reason = `expected ${byteLength} bytes of ${dtypes.join(' or ')}, found ${found}`
  throw malformedOnnx(open.path, `tensor '${name}'`, reason)
}
