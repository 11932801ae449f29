import type { CodeTableName } from '../../schema/code-table.js'
import { furthestValue } from '../furthest-value.js'

/**
 * The scale of a block whose codes look a table up: the largest magnitude, or for BOF4-S the value that has it, sign and all, so
 * that this value is always the table's 1. Rounded to float32; 1 for a block of zeros.
 *
 * Source: NF4, QLoRA, arXiv:2305.14314, section 3; the signed scale: BOF4-S, arXiv:2505.06653, section 3.
 */
export function tableScale(values: Float32Array, table: CodeTableName): number {
  const furthest = furthestValue(values)
  if (furthest === 0) return 1
  return table === 'bof4-s' ? furthest : Math.abs(furthest)
}
