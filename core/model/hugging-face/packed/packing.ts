import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readJsonFile } from '../../../formats/read-json-file.js'
import { EngineError } from '../../../schema/engine-error.js'
import { modelProblem } from '../../../schema/model-problems.js'

/** How the linears of a folder are packed. */
export interface Packing {
  readonly method: 'gptq' | 'awq'
  readonly bits: 4 | 8
  /** Inputs that share a scale and a zero point; null where all of a row do. */
  readonly groupSize: number | null
  /** What is added to a stored zero point: GPTQ's first format stores one less. */
  readonly zeroOffset: 0 | 1
}

const mostConfigBytes = 2 ** 20
/** Files that older quantizers write beside config.json, and their method. */
const ownFiles = [
  ['quantize_config.json', 'gptq'],
  ['quant_config.json', 'awq'],
] as const

const count = z
  .int()
  .min(-1)
  .max(2 ** 26)
const schema = z.object({
  quant_method: z.string().optional(),
  bits: count.optional(),
  w_bit: count.optional(),
  group_size: count.optional(),
  q_group_size: count.optional(),
  checkpoint_format: z.string().nullish(),
  format: z.string().nullish(),
  version: z.string().nullish(),
  is_marlin_format: z.boolean().nullish(),
  pack_dtype: z.string().nullish(),
})
type PackingConfig = z.infer<typeof schema>

/**
 * How a folder's linears are packed, by config.json or by the file that the quantizer wrote; null where none are.
 *
 * Source: AutoGPTQ and GPTQModel, QuantizeConfig; AutoAWQ, AwqConfig.
 *
 * @param quantization `quantization_config` of config.json
 * @throws EngineError `model-malformed` naming the field, `model-unsupported` for another method, layout or number of bits
 */
export function readPacking(folder: string, quantization: object | null): Packing | null {
  if (quantization !== null) return packingOf(join(folder, 'config.json'), quantization, null)
  const own = ownFiles.find(([name]) => existsSync(join(folder, name)))
  if (own === undefined) return null
  const path = join(folder, own[0])
  return packingOf(path, readJsonFile(path, mostConfigBytes), own[1])
}

function packingOf(path: string, value: unknown, usualMethod: string | null): Packing {
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    const [{ path: field, message }] = parsed.error.issues
    throw malformed(path, field.join('.'), message)
  }
  const config = parsed.data
  const method = config.quant_method ?? usualMethod
  if (method !== 'gptq' && method !== 'awq') {
    throw unsupported(
      path,
      modelProblem('quantized-weights', { name: String(method) }),
      'gptq and awq are read as they are',
    )
  }
  const bits = config.bits ?? config.w_bit
  const group = config.group_size ?? config.q_group_size
  if (bits === undefined || group === undefined) throw malformed(path, 'bits', 'expected bits and group_size')
  if (bits !== 4 && (method !== 'gptq' || bits !== 8)) {
    throw unsupported(
      path,
      modelProblem('packed-bits', { bits, name: method }),
      'gptq with 4 or 8 bits and awq with 4 are read',
    )
  }
  if (group === 0) throw malformed(path, 'group_size', 'expected −1 or at least 1, found 0')
  const layout = layoutOf(path, method, config)
  return {
    method,
    bits,
    groupSize: group < 0 ? null : group,
    zeroOffset: layout === 'gptq' ? 1 : 0,
  }
}

/** Others order codes for one kind of GPU. */
function layoutOf(path: string, method: 'gptq' | 'awq', config: PackingConfig): string {
  const usual = method === 'gptq' ? 'gptq' : 'gemm'
  const known = method === 'gptq' ? ['gptq', 'gptq_v2'] : ['gemm']
  const named = config.checkpoint_format ?? config.format ?? config.version ?? usual
  const layout = config.is_marlin_format === true ? 'marlin' : named.toLowerCase()
  const isKnown = known.includes(layout) && (config.pack_dtype ?? 'int32') === 'int32'
  if (isKnown) return layout
  const feature = modelProblem('packed-layout', { name: method, layout, type: config.pack_dtype ?? 'int32' })
  throw unsupported(path, feature, `${known.join(' and ')} of int32 are read; save the model in one of these`)
}

function malformed(path: string, where: string, reason: string): EngineError {
  return new EngineError('model-malformed', { path, where }, `'${path}': ${where}: ${reason}`)
}

function unsupported(path: string, feature: string, advice: string): EngineError {
  const message = `'${path}' has ${feature}, which this version cannot read; ${advice}`
  return new EngineError('model-unsupported', { path, feature }, message)
}
