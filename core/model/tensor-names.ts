import type { LinearName, VectorName } from './description.js'

/** GGUF's names of the tensors outside of blocks. */
export const tensorNames = {
  embedding: 'token_embd.weight',
  output: 'output.weight',
  outputNorm: 'output_norm.weight',
  outputNormBias: 'output_norm.bias',
  ropeFrequencies: 'rope_freqs.weight',
  ropeShortFactors: 'rope_factors_short.weight',
  ropeLongFactors: 'rope_factors_long.weight',
} as const

/** Name of a linear's weight in block `layer`, from 0. */
export function linearWeightName(layer: number, linear: LinearName): string {
  return `blk.${layer}.${linear}.weight`
}

/** Name of a linear's bias in block `layer`, from 0. */
export function linearBiasName(layer: number, linear: LinearName): string {
  return `blk.${layer}.${linear}.bias`
}

/** Name of a vector in block `layer`, from 0: a norm's weight, or a bias. */
export function vectorTensorName(layer: number, name: VectorName): string {
  return `blk.${layer}.${name.endsWith('.bias') ? name : `${name}.weight`}`
}
