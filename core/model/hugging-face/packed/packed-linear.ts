import type { PlacedTensor } from '../../../formats/safetensors/open-safetensors.js'
import { floatToHalf, halfToFloat } from '../../../quantization/half-float.js'
import { readFloats } from '../../../quantization/read-floats.js'
import { EngineError } from '../../../schema/engine-error.js'
import type { Packing } from './packing.js'
import { modelProblem } from '../../../schema/model-problems.js'

/** Values of a block of GGUF's types that packed weights fit into. */
export const blockLength = 32

/**
 * A linear whose weight is packed: value = (code − zero point) · scale, of the column's group.
 *
 * `codes` of GPTQ have shape [columns · bits / 32, rows], a word for neighbouring columns; those of AWQ [columns, rows · bits / 32],
 * a word for neighbouring rows. `zeros` have shape [groups, rows · bits / 32], `scales` [groups, rows].
 */
export interface PackedLinear {
  readonly packing: Packing
  readonly rows: number
  readonly columns: number
  readonly groupCount: number
  readonly codes: PlacedTensor
  readonly zeros: PlacedTensor
  readonly scales: PlacedTensor
  /** The group of each column. */
  readonly groupOf: Uint32Array
  /**
   * The type of GGUF that has the values. Q4_0 and Q8_0 where every zero point is the middle, Q5_0 for 4 bits with others:
   * code − zero point is one of its 5-bit codes. These are exact. F16 where neighbours are of different groups (columns were
   * ordered by their activations) or 8-bit codes have other zero points: each value is rounded to a half float.
   */
  readonly type: 'Q4_0' | 'Q5_0' | 'Q8_0' | 'F16'
}

/**
 * The packed linear called `stem` (`stem.qweight` and its other parts). Reads its zero points and groups.
 *
 * @throws EngineError `model-malformed` for missing parts or other shapes, `model-unsupported` for scales that half floats do not hold
 */
export function packedLinear(
  tensors: ReadonlyMap<string, PlacedTensor>,
  stem: string,
  packing: Packing,
): PackedLinear {
  const codes = partOf(tensors, stem, 'qweight')
  const [zeros, scales] = [partOf(tensors, stem, 'qzeros', codes), partOf(tensors, stem, 'scales', codes)]
  const perWord = 32 / packing.bits
  const [first = 0, second = 0] = codes.shape
  const [columns, rows] = packing.method === 'gptq' ? [perWord * first, second] : [first, perWord * second]
  if (columns === 0 || rows === 0 || columns % blockLength !== 0 || rows % perWord !== 0) {
    throw malformed(codes, `expected whole blocks of ${blockLength} columns, found ${rows} × ${columns}`)
  }
  const groupSize = packing.groupSize ?? columns
  const groupCount = Math.ceil(columns / groupSize)
  checkPart(codes, ['I32'], codes.shape.length === 2 ? codes.shape : [first, second])
  checkPart(zeros, ['I32'], [groupCount, rows / perWord])
  checkPart(scales, ['F16', 'BF16', 'F32'], [groupCount, rows])
  checkScales(scales)
  const groupOf = groupsOf(tensors.get(`${stem}.g_idx`), { columns, groupSize, groupCount })
  const isBlocked = groupOf.every((group, column) => group === groupOf[column - (column % blockLength)])
  const type = !isBlocked ? 'F16' : typeOf(packing, hasMiddleZeros(zeros, packing))
  return { packing, rows, columns, groupCount, codes, zeros, scales, groupOf, type }
}

function typeOf({ bits }: Packing, isSymmetric: boolean): PackedLinear['type'] {
  if (bits === 8) return isSymmetric ? 'Q8_0' : 'F16'
  return isSymmetric ? 'Q4_0' : 'Q5_0'
}

function partOf(
  tensors: ReadonlyMap<string, PlacedTensor>,
  stem: string,
  part: string,
  codes?: PlacedTensor,
): PlacedTensor {
  const tensor = tensors.get(`${stem}.${part}`)
  if (tensor !== undefined) return tensor
  const path = codes?.source.path ?? stem
  const where = `tensor '${stem}.${part}'`
  const message = `'${path}': ${where}: expected it beside '${stem}.qweight', found none`
  throw new EngineError('model-malformed', { path, where }, message)
}

function checkPart(tensor: PlacedTensor, dtypes: readonly string[], shape: readonly number[]): void {
  const found = `${tensor.dtype} [${tensor.shape.join(', ')}]`
  if (dtypes.includes(tensor.dtype) && tensor.shape.join() === shape.join()) return
  throw malformed(tensor, `expected ${dtypes.join(' or ')} [${shape.join(', ')}], found ${found}`)
}

/** Half floats are the scales of all these types. */
function checkScales(scales: PlacedTensor): void {
  if (scales.dtype === 'F16') return
  const bad = readFloats(scales.source, { ...scales, type: scales.dtype }).find(
    (scale) => halfToFloat(floatToHalf(scale)) !== scale,
  )
  if (bad === undefined) return
  const { path } = scales.source
  const feature = modelProblem('odd-scale', { value: bad, type: scales.dtype, name: scales.name })
  const message = `'${path}' has ${feature}; save the model with scales in float16`
  throw new EngineError('model-unsupported', { path, feature }, message)
}

interface Grouping {
  readonly columns: number
  readonly groupSize: number
  readonly groupCount: number
}

/** The group of each column: as the file says, or one after the other. */
function groupsOf(
  tensor: PlacedTensor | undefined,
  { columns, groupSize, groupCount }: Grouping,
): Uint32Array {
  if (tensor === undefined)
    return Uint32Array.from({ length: columns }, (_, column) => Math.floor(column / groupSize))
  checkPart(tensor, ['I32'], [columns])
  const groups = new Uint32Array(columns)
  tensor.source.readInto(tensor.offset, new Uint8Array(groups.buffer))
  const bad = groups.findIndex((group) => group >= groupCount)
  if (bad < 0) return groups
  throw malformed(tensor, `expected groups below ${groupCount}, found ${groups[bad] | 0} for column ${bad}`)
}

/** Whether every zero point is the middle of the codes. */
function hasMiddleZeros(
  { source, offset, byteLength }: PlacedTensor,
  { bits, zeroOffset }: Packing,
): boolean {
  const middle = 2 ** (bits - 1) - zeroOffset
  const byte = bits === 8 ? middle : middle * 17
  return source.read(offset, byteLength).every((found) => found === byte)
}

function malformed({ name, source: { path } }: PlacedTensor, reason: string): EngineError {
  const where = `tensor '${name}'`
  return new EngineError('model-malformed', { path, where }, `'${path}': ${where}: ${reason}`)
}
