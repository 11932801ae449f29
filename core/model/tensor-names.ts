import type { LinearName } from './description.js'

/** GGUF's names of the tensors outside of blocks. */
export const tensorNames = {
  embedding: 'token_embd.weight',
  output: 'output.weight',
  outputNorm: 'output_norm.weight',
  ropeFrequencies: 'rope_freqs.weight',
} as const

/** Name of a linear's weight in block `layer`, from 0. */
export function linearWeightName(layer: number, linear: LinearName): string {
  return `blk.${layer}.${linear}.weight`
}

/** Name of a linear's bias in block `layer`, from 0. */
export function linearBiasName(layer: number, linear: LinearName): string {
  return `blk.${layer}.${linear}.bias`
}

/** Name of a block's norm: before attention, or before the feed-forward part. */
export function normName(layer: number, norm: 'attn_norm' | 'ffn_norm'): string {
  return `blk.${layer}.${norm}.weight`
}
