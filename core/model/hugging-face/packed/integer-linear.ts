import { z } from 'zod'
import { integerBlockHead, integerBlockLengths, type IntegerBlocks } from '../../../formats/integer-blocks.js'
import type { PlacedTensor } from '../../../formats/safetensors/open-safetensors.js'
import { readFloats } from '../../../quantization/read-floats.js'
import { EngineError } from '../../../schema/engine-error.js'
import type { StoredRows } from '../../unpacked-rows.js'

/** What config.json calls such linears. */
export const integerMethod = 'integer-blocks'

/**
 * A linear whose weights are integers in blocks of a row, as `zerotune convert --type int` writes it: value = (code − zero point) ·
 * scale. `weight` has shape [rows, columns · bits / 8] (two codes of 4 bits a byte, the first in the low nibble), `weight.scales` and
 * `weight.zero_points` (without it, the middle code is 0) have shape [rows, columns / block length], in float32.
 */
export interface IntegerLinear extends IntegerBlocks {
  readonly rows: number
  readonly columns: number
  readonly codes: PlacedTensor
  readonly scales: PlacedTensor
  readonly zeroPoints: PlacedTensor | null
}

const schema = z.looseObject({
  quant_method: z.literal(integerMethod),
  code_bits: z.union([z.literal(4), z.literal(8)]),
  block_size: z.literal(integerBlockLengths),
})
type IntegerConfig = z.infer<typeof schema>

/** What config.json says of integer linears; null where it says that linears are something else. */
export function integerConfig(quantization: object | null): IntegerConfig | null {
  return schema.safeParse(quantization).data ?? null
}

/**
 * The linears of a folder that are integers in blocks, by their names without `.weight`.
 *
 * @throws EngineError `model-malformed` for parts of other types or shapes
 */
export function integerLinears(
  tensors: ReadonlyMap<string, PlacedTensor>,
  config: IntegerConfig | null,
): Map<string, IntegerLinear> {
  if (config === null) return new Map()
  const stems = [...tensors.keys()].flatMap((name) => /^(.*)\.weight\.scales$/.exec(name)?.[1] ?? [])
  return new Map(stems.flatMap((stem) => integerLinear(tensors, stem, config)))
}

/** Whether a tensor is a part of such a linear. */
export function isOfIntegers({ name }: PlacedTensor, linears: ReadonlyMap<string, IntegerLinear>): boolean {
  const found = /^(.*)\.weight(\..*)?$/.exec(name)
  return found !== null && linears.has(found[1])
}

function integerLinear(
  tensors: ReadonlyMap<string, PlacedTensor>,
  stem: string,
  { code_bits: bits, block_size: blockLength }: IntegerConfig,
): [string, IntegerLinear][] {
  const [codes, scales] = [tensors.get(`${stem}.weight`), tensors.get(`${stem}.weight.scales`)]
  if (codes === undefined || scales === undefined) return []
  const zeroPoints = tensors.get(`${stem}.weight.zero_points`) ?? null
  const [rows = 0, rowBytes = 0] = codes.shape
  const columns = (rowBytes * 8) / bits
  if (rows === 0 || columns === 0 || columns % blockLength !== 0) {
    throw malformed(codes, `expected rows of whole blocks of ${blockLength}, found ${rows} × ${columns}`)
  }
  checkPart(codes, 'U8', [rows, rowBytes])
  for (const part of [scales, zeroPoints]) if (part) checkPart(part, 'F32', [rows, columns / blockLength])
  const blocks = { bits, blockLength, hasZeroPoints: zeroPoints !== null }
  return [[stem, { ...blocks, rows, columns, codes, scales, zeroPoints }]]
}

function checkPart(tensor: PlacedTensor, dtype: string, shape: readonly number[]): void {
  if (tensor.dtype === dtype && tensor.shape.join() === shape.join()) return
  const found = `${tensor.dtype} [${tensor.shape.join(', ')}]`
  throw malformed(tensor, `expected ${dtype} [${shape.join(', ')}], found ${found}`)
}

function malformed({ name, source: { path } }: PlacedTensor, reason: string): EngineError {
  const where = `tensor '${name}'`
  return new EngineError('model-malformed', { path, where }, `'${path}': ${where}: ${reason}`)
}

/** The rows of such a linear, as blocks of its type. */
export function integerRows(linear: IntegerLinear): StoredRows {
  const { rows, columns, bits, blockLength, codes, scales, zeroPoints } = linear
  const head = integerBlockHead(linear)
  const codeBytes = (blockLength * bits) / 8
  const blocks = columns / blockLength
  const rowBytes = blocks * (head + codeBytes)
  const readRun: StoredRows['readRun'] = (first, count) => {
    const bytes = codes.source.read(codes.offset + first * blocks * codeBytes, count * blocks * codeBytes)
    const heads = [scales, zeroPoints].map((part) => part && numbersOf(part, first * blocks, count * blocks))
    return (row, target) => {
      const view = new DataView(target.buffer, target.byteOffset, target.byteLength)
      for (let block = 0; block < blocks; block++) {
        const place = row * blocks + block
        const start = block * (head + codeBytes)
        heads.forEach((numbers, at) => numbers && view.setFloat32(start + 4 * at, numbers[place], true))
        target.set(bytes.subarray(place * codeBytes, (place + 1) * codeBytes), start + head)
      }
    }
  }
  return { rows, rowBytes, readRun }
}

function numbersOf(
  { source, offset, name, dtype }: PlacedTensor,
  first: number,
  count: number,
): Float32Array {
  const part = { name, type: dtype, shape: [count], offset: offset + 4 * first, byteLength: 4 * count }
  return readFloats(source, part)
}
