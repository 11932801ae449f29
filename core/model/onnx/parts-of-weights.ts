import { malformedOnnx } from '../../formats/onnx/read-onnx.js'
import { modelProblem } from '../../schema/model-problems.js'
import type { DescribedFolder } from '../hugging-face/model-config.js'
import { ggufName, rowBeforePermutation } from '../hugging-face/tensor-map.js'
import { sameOrder, type RowOrder } from '../unpacked-rows.js'
import type { FoundWeights } from './find-weights.js'
import type { GraphParts, MatrixPart, VectorPart } from './graph-parts.js'
import { unsupportedOnnx } from './onnx-errors.js'

/** A run of rows of a matrix, or of numbers of a bias, by its name in transformers. */
interface Run {
  readonly stem: string
  readonly first: number
  readonly length: number
}

/**
 * The tensors that a GGUF file of the model would have: fused ones in their parts, and heads that GGUF keeps in another order in that
 * order.
 *
 * @throws EngineError `model-malformed`, `model-unsupported` for a weight that has no place there
 */
export function partsOfWeights(
  path: string,
  { matrices, vectors }: FoundWeights,
  described: DescribedFolder,
): GraphParts {
  return {
    matrices: [...matrices].flatMap(([stem, matrix]) =>
      runsOf(path, stem, matrix.rows, described).map((run): MatrixPart => {
        const { name, order } = placeOf(path, run, 'weight', described)
        return { name, matrix, firstRow: run.first, rows: run.length, order }
      }),
    ),
    vectors: [...vectors].flatMap(([whole, tensor]) => {
      const [, stem, kind] = /^(.*)\.(weight|bias)$/.exec(whole) as unknown as [string, string, string]
      return runsOf(path, stem, tensor.shape[0] ?? 0, described).map((run): VectorPart => {
        const { name, order } = placeOf(path, run, kind, described)
        return { name, tensor, first: run.first, length: run.length, indexBefore: order.rowBefore }
      })
    }),
  }
}

/** The linears that a weight's rows are, by the sizes of heads and the two halves of a feed-forward part. */
function runsOf(path: string, stem: string, length: number, { config, headWidth }: DescribedFolder): Run[] {
  const [queries, keys] = [config.num_attention_heads, config.num_key_value_heads ?? 0].map(
    (heads) => heads * headWidth,
  )
  const fused: Readonly<Record<string, Readonly<Record<string, number>> | undefined>> = {
    qkv_proj: { q_proj: queries, k_proj: keys, v_proj: keys },
    gate_up_proj: { gate_proj: config.intermediate_size, up_proj: config.intermediate_size },
  }
  const [, prefix, last] = /^(.*?)([^.]*)$/.exec(stem) as unknown as [string, string, string]
  const parts = fused[last]
  if (parts === undefined) return [{ stem, first: 0, length }]
  const total = Object.values(parts).reduce((sum, rows) => sum + rows, 0)
  if (total !== length) {
    throw malformedOnnx(path, `'${stem}'`, `expected ${total} rows for all of it, found ${length}`)
  }
  let first = 0
  return Object.entries(parts).map(([name, rows]) => {
    first += rows
    return { stem: prefix + name, first: first - rows, length: rows }
  })
}

function placeOf(
  path: string,
  { stem, length }: Run,
  kind: string,
  { family, headWidth }: DescribedFolder,
): { readonly name: string; readonly order: RowOrder } {
  const mapped = ggufName(`${stem}.${kind}`, family.hasNormsAfterParts)
  if (mapped === null) {
    throw unsupportedOnnx(path, modelProblem('tensor', { name: stem }), 'weights with known names')
  }
  if (mapped.heads === null || !family.hasPermutedHeads) return { name: mapped.name, order: sameOrder }
  if (headWidth % 2 !== 0 || length % headWidth !== 0) {
    const feature = modelProblem('tensor-heads', { count: length, name: stem, total: headWidth })
    throw unsupportedOnnx(path, feature, 'whole heads')
  }
  const unit = headWidth % 8 === 0 ? headWidth : 8 * headWidth
  return { name: mapped.name, order: { unit, rowBefore: (row) => rowBeforePermutation(row, headWidth) } }
}
