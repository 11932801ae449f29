import type { GgufTensor, GgufValue } from '../formats/gguf/gguf-file.js'
import { isReadableType, tensorType, type ReadableType } from '../formats/gguf/tensor-types.js'
import { integerBlocks, isIntegerBlockType, type IntegerBlockType } from '../formats/integer-blocks.js'
import { isTableBlockType } from '../formats/table-blocks.js'
import { tensorNames } from '../model/tensor-names.js'
import type { GgufType } from '../schema/gguf-type.js'

interface TypePlan {
  /** Of most matrices. */
  readonly main: ReadableType
  /** Of the matrices whose errors weigh most: the output, some values and some feed-forward outputs. */
  readonly finer: ReadableType
  /** Of the token tables, where not as those. */
  readonly table?: ReadableType
  /** llama.cpp's number for the whole file, `general.file_type`. */
  readonly fileType: number
}

/** Source of the numbers: llama_ftype of llama.h. */
const plans: Readonly<Record<GgufType, TypePlan>> = {
  q4_0: { main: 'Q4_0', finer: 'Q4_0', fileType: 2 },
  q4_1: { main: 'Q4_1', finer: 'Q4_1', fileType: 3 },
  q5_0: { main: 'Q5_0', finer: 'Q5_0', fileType: 8 },
  q5_1: { main: 'Q5_1', finer: 'Q5_1', fileType: 9 },
  q8_0: { main: 'Q8_0', finer: 'Q8_0', fileType: 7 },
  q2_k: { main: 'Q2_K', finer: 'Q4_K', table: 'Q6_K', fileType: 10 },
  q3_k: { main: 'Q3_K', finer: 'Q5_K', table: 'Q6_K', fileType: 12 },
  q4_k: { main: 'Q4_K', finer: 'Q6_K', fileType: 15 },
  q5_k: { main: 'Q5_K', finer: 'Q6_K', fileType: 17 },
  q6_k: { main: 'Q6_K', finer: 'Q6_K', fileType: 18 },
  f16: { main: 'F16', finer: 'F16', fileType: 1 },
}

/** What stands in for a type whose blocks of 256 do not divide a row. Source: llama.cpp's quantization. */
const standIns: Readonly<Partial<Record<ReadableType, ReadableType>>> = {
  Q2_K: 'Q4_0',
  Q3_K: 'Q4_0',
  Q4_K: 'Q5_0',
  Q5_K: 'Q5_1',
  Q6_K: 'Q8_0',
}

/** The type of one tensor in a model of a type, or of its own types. llama.cpp wants vectors in F32. */
export function typeInModel(tensor: GgufTensor, type: GgufType | null, layerCount: number): string {
  if (tensor.shape.length !== 2) return isReadableType(tensor.type) ? 'F32' : tensor.type
  if (type === null) return typeInGguf(tensor)
  const { main, finer, table = finer } = plans[type]
  const isTable = tensor.name === tensorNames.output || tensor.name === tensorNames.embedding
  const wanted = isTable ? table : isSensitive(tensor.name, layerCount) ? finer : main
  return [wanted, standIns[wanted] ?? wanted].find((name) => fits(tensor, name)) ?? 'F16'
}

/** A tensor's own type; that of blocks with a table, which no type of GGUF has, is half floats. */
function typeInGguf(tensor: GgufTensor): string {
  if (isTableBlockType(tensor.type)) return 'F16'
  return isIntegerBlockType(tensor.type) ? ofIntegers(tensor, tensor.type) : tensor.type
}

/** The type of GGUF that is nearest to blocks of integers. */
function ofIntegers(tensor: GgufTensor, type: IntegerBlockType): ReadableType {
  const { bits, hasZeroPoints } = integerBlocks(type)
  const nearest = bits === 8 ? 'Q8_0' : hasZeroPoints ? 'Q4_1' : 'Q4_0'
  return fits(tensor, nearest) ? nearest : 'F16'
}

function fits({ shape }: GgufTensor, type: ReadableType): boolean {
  return shape[1] % (tensorType(type)?.blockLength ?? 1) === 0
}

/** In the first and last eighth of the layers and every third between, values and feed-forward outputs. */
function isSensitive(name: string, layerCount: number): boolean {
  const found = /^blk\.(\d+)\.(attn_v|ffn_down)\.weight$/.exec(name)
  if (found === null) return false
  const layer = Number(found[1])
  const eighth = Math.floor(layerCount / 8)
  return layer < eighth || layer >= Math.floor((7 * layerCount) / 8) || (layer - eighth) % 3 === 2
}

/** A file's metadata for a model of a type, in one file. */
export function metadataOfType(
  metadata: ReadonlyMap<string, GgufValue>,
  type: GgufType | null,
): Map<string, GgufValue> {
  const kept = [...metadata].filter(([key]) => !key.startsWith('split.'))
  if (type === null) return new Map(kept)
  return new Map<string, GgufValue>([
    ...kept,
    ['general.file_type', { type: 'uint32', value: plans[type].fileType }],
    ['general.quantization_version', { type: 'uint32', value: 2 }],
  ])
}
