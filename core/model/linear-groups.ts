import type { LinearName } from './description.js'

/** The linears of a block that read the same values, each group under the name of its first. */
export const linearGroups = {
  attn_q: ['attn_q', 'attn_k', 'attn_v'],
  attn_output: ['attn_output'],
  ffn_gate: ['ffn_gate', 'ffn_up'],
  ffn_down: ['ffn_down'],
} as const satisfies Partial<Record<LinearName, readonly LinearName[]>>

export type LinearGroup = keyof typeof linearGroups
export const linearGroupNames = Object.keys(linearGroups) as readonly LinearGroup[]
