import type { FactorsOf } from '../engine/decoder-weights.js'
import type { ByteSource } from '../formats/byte-source.js'
import type { GgufFile, GgufTensor } from '../formats/gguf/gguf-file.js'
import { linearNames } from '../model/description.js'
import { linearWeightName } from '../model/tensor-names.js'
import type { ScaleFactors } from '../quantization/scale-factors.js'
import { scaleTensorBytes } from '../quantization/scale-tensor-bytes.js'

/** A tensor that training has changed. */
export interface TrainedTensor {
  readonly tensor: GgufTensor
  readonly factors: ScaleFactors
}

/** The trained tensors of a file in the order of their data. Factors that are all 1 change nothing and do not count. */
export function trainedTensors(file: GgufFile, layerCount: number, factorsOf: FactorsOf): TrainedTensor[] {
  const trained: TrainedTensor[] = []
  for (let layer = 0; layer < layerCount; layer++) {
    for (const linear of linearNames) {
      const factors = factorsOf(layer, linear)
      const tensor = file.tensors.get(linearWeightName(layer, linear))
      if (factors === null || tensor === undefined || factors.values.every((factor) => factor === 1)) continue
      trained.push({ tensor, factors })
    }
  }
  return trained.toSorted((left, right) => left.tensor.offset - right.tensor.offset)
}

/**
 * A trained tensor's data: that of the base file, its scales multiplied by the factors and rounded to the type that stores
 * them.
 *
 * @returns the data, and the largest relative error of rounding
 * @throws EngineError 'file-unreadable', 'value-unrepresentable'
 */
export function trainedBytes(
  base: ByteSource,
  { tensor, factors }: TrainedTensor,
): { bytes: Uint8Array; roundingError: number } {
  const bytes = base.read(tensor.offset, tensor.byteLength)
  const roundingError = scaleTensorBytes(tensor, bytes, factors.values)
  return { bytes, roundingError }
}
