import { z } from 'zod'
import { tableBlockLengths, type TableBlocks } from '../../../formats/table-blocks.js'
import type { PlacedTensor } from '../../../formats/safetensors/open-safetensors.js'
import { codeTable } from '../../../quantization/code-tables/code-table.js'
import { readFloats } from '../../../quantization/read-floats.js'
import { codeTableNames } from '../../../schema/code-table.js'
import { EngineError } from '../../../schema/engine-error.js'
import { modelProblem } from '../../../schema/model-problems.js'

/** Scales that are 8-bit codes of a table themselves: scale = table[code] · scale of the group + offset. */
export interface NestedScales {
  readonly table: Float32Array
  readonly groupScales: PlacedTensor
  /** Scales of a group. */
  readonly groupLength: number
  readonly offset: number
}

/**
 * A linear whose codes look a table up, as bitsandbytes has them: `weight`, two codes a byte and the first in the high nibble;
 * `weight.absmax`, the scale of each block; and `weight.quant_map`, the table. `weight.quant_state.…` says the rest in JSON.
 *
 * BOF4's tables take the place of NF4's, and outliers stand beside in `weight.outlier_positions` and `weight.outlier_values`.
 */
export interface TableLinear extends TableBlocks {
  readonly rows: number
  readonly columns: number
  readonly codes: PlacedTensor
  readonly scales: PlacedTensor
  readonly nested: NestedScales | null
  readonly outliers: { readonly positions: PlacedTensor; readonly values: PlacedTensor } | null
}

const size = z
  .int()
  .positive()
  .max(2 ** 26)
const stateSchema = z.object({
  quant_type: z.string().max(32),
  blocksize: size,
  shape: z.tuple([size, size]),
  nested_blocksize: size.optional(),
  nested_offset: z.number().optional(),
})
type QuantState = z.infer<typeof stateSchema>

const mostStateBytes = 4096

const packingSchema = z.union([
  z.looseObject({ quant_method: z.literal('bof4') }),
  z.looseObject({ quant_method: z.literal('bitsandbytes'), load_in_4bit: z.literal(true) }),
])

/** Whether config.json says that its linears are packed so; those of bitsandbytes with 8 bits are not. */
export function hasTableLinears(quantization: object | null): boolean {
  return packingSchema.safeParse(quantization).success
}

/**
 * The linears of a folder whose codes look a table up, by their names without `.weight`.
 *
 * Source: bitsandbytes 0.49, QuantState.as_dict in functional.py.
 *
 * @throws EngineError `model-malformed` for missing parts or other shapes, `model-unsupported` for another table, or blocks that
 *   are no part of a row
 */
export function tableLinears(tensors: ReadonlyMap<string, PlacedTensor>): Map<string, TableLinear> {
  const stems = [...tensors.keys()].flatMap((name) => /^(.*)\.weight\.absmax$/.exec(name)?.[1] ?? [])
  return new Map(stems.map((stem) => [stem, tableLinear(tensors, stem)]))
}

/** Whether a tensor is a part of such a linear. */
export function isOfTable({ name }: PlacedTensor, linears: ReadonlyMap<string, TableLinear>): boolean {
  const found = /^(.*)\.weight(\..*)?$/.exec(name)
  return found !== null && linears.has(found[1])
}

function tableLinear(tensors: ReadonlyMap<string, PlacedTensor>, stem: string): TableLinear {
  const codes = partOf(tensors, stem, 'weight')
  const part = (name: string): PlacedTensor => partOf(tensors, stem, `weight.${name}`)
  const state = readState(tensors, stem, codes)
  const blocks = blocksOf(codes, state)
  const [rows, columns] = state.shape
  const count = (rows * columns) / blocks.blockLength
  checkPart(codes, 'U8', (rows * columns) / 2)
  const scales = part('absmax')
  const isNested = state.nested_blocksize !== undefined
  checkPart(scales, isNested ? 'U8' : 'F32', count)
  checkTable(part('quant_map'), blocks)
  const positions = tensors.get(`${stem}.weight.outlier_positions`)
  return {
    ...blocks,
    rows,
    columns,
    codes,
    scales,
    nested:
      state.nested_blocksize === undefined ? null : nestedScales(part, state.nested_blocksize, state, count),
    outliers: positions === undefined ? null : { positions, values: part('outlier_values') },
  }
}

/** What the JSON of a linear says. Its name ends with the kind of code. */
function readState(
  tensors: ReadonlyMap<string, PlacedTensor>,
  stem: string,
  codes: PlacedTensor,
): QuantState {
  const prefix = `${stem}.weight.quant_state.`
  const tensor = [...tensors.values()].find(({ name }) => name.startsWith(prefix))
  if (tensor === undefined) throw malformed(codes, `expected '${prefix}…' beside it, found none`)
  const { source, offset, byteLength } = tensor
  const bytes = byteLength <= mostStateBytes ? source.read(offset, byteLength) : new Uint8Array(0)
  const parsed = stateSchema.safeParse(jsonOf(bytes))
  if (!parsed.success)
    throw malformed(tensor, `expected JSON of a quantized weight, ${parsed.error.issues[0].message}`)
  return parsed.data
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
}

function blocksOf(codes: PlacedTensor, { quant_type, blocksize, shape }: QuantState): TableBlocks {
  const table = codeTableNames.find((name) => name === quant_type)
  const blockLength = tableBlockLengths.find((length) => length === blocksize)
  const { name, source } = codes
  if (table === undefined) {
    throw unsupported(source.path, modelProblem('quantized-weights', { name: quant_type }))
  }
  if (blockLength === undefined || shape[1] % blockLength !== 0) {
    throw unsupported(source.path, modelProblem('onnx-blocks', { count: blocksize, total: shape[1], name }))
  }
  return { table, blockLength }
}

function nestedScales(
  part: (name: string) => PlacedTensor,
  groupLength: number,
  { nested_offset: offset = 0 }: QuantState,
  count: number,
): NestedScales {
  const [groupScales, map] = [part('nested_absmax'), part('nested_quant_map')]
  checkPart(groupScales, 'F32', Math.ceil(count / groupLength))
  checkPart(map, 'F32', 256)
  return { table: readFloats(map.source, { ...map, type: map.dtype }), groupScales, groupLength, offset }
}

function checkTable(map: PlacedTensor, { table, blockLength }: TableBlocks): void {
  checkPart(map, 'F32', 16)
  const found = readFloats(map.source, { ...map, type: map.dtype })
  const known = codeTable(table, blockLength)
  if (found.every((level, code) => Math.abs(level - known[code]) < 1e-6)) return
  throw unsupported(map.source.path, modelProblem('other-table', { name: table }))
}

function partOf(tensors: ReadonlyMap<string, PlacedTensor>, stem: string, part: string): PlacedTensor {
  const tensor = tensors.get(`${stem}.${part}`)
  if (tensor !== undefined) return tensor
  const scales = tensors.get(`${stem}.weight.absmax`)
  const [path, where] = [scales?.source.path ?? stem, `tensor '${stem}.${part}'`]
  const message = `'${path}': ${where}: expected it beside '${stem}.weight.absmax', found none`
  throw new EngineError('model-malformed', { path, where }, message)
}

function checkPart(tensor: PlacedTensor, dtype: string, count: number): void {
  const found = tensor.shape.reduce((product, length) => product * length, 1)
  if (tensor.dtype === dtype && found === count) return
  throw malformed(tensor, `expected ${count} of ${dtype}, found ${found} of ${tensor.dtype}`)
}

function malformed({ name, source: { path } }: PlacedTensor, reason: string): EngineError {
  const where = `tensor '${name}'`
  return new EngineError('model-malformed', { path, where }, `'${path}': ${where}: ${reason}`)
}

function unsupported(path: string, feature: string): EngineError {
  const message = `'${path}' has ${feature}, which this version cannot read`
  return new EngineError('model-unsupported', { path, feature }, message)
}
