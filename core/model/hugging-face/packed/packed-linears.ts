import type { PackedOrigin } from '../../../formats/gguf/gguf-file.js'
import type { PlacedTensor } from '../../../formats/safetensors/open-safetensors.js'
import { readVector } from '../../../quantization/read-vector.js'
import { packedLinear, type PackedLinear } from './packed-linear.js'
import type { Packing } from './packing.js'

/** The packed linears of a folder by their names without `.weight`. Throws as `packedLinear`. */
export function packedLinears(
  found: ReadonlyMap<string, PlacedTensor>,
  packing: Packing | null,
): Map<string, PackedLinear> {
  if (packing === null) return new Map()
  const stems = [...found.keys()].flatMap((name) => /^(.*)\.qweight$/.exec(name)?.[1] ?? [])
  return new Map(stems.map((stem) => [stem, packedLinear(found, stem, packing)]))
}

/** What a person should know of how linears were packed. */
export function originOf({ method, bits }: Packing, packed: ReadonlyMap<string, PackedLinear>): PackedOrigin {
  return {
    method,
    bits,
    roundedTensorCount: [...packed.values()].filter(({ type }) => type === 'F16').length,
  }
}

/** Whether a tensor is a part of a packed linear, or the bias of zeros that some quantizers add to it. */
export function isOfPacked(tensor: PlacedTensor, packed: ReadonlyMap<string, PackedLinear>): boolean {
  const found = /^(.*)\.(qweight|qzeros|scales|g_idx|bias)$/.exec(tensor.name)
  if (found === null || !packed.has(found[1])) return false
  if (found[2] !== 'bias') return true
  return readVector(tensor.source, { ...tensor, type: tensor.dtype }).every((value) => value === 0)
}
