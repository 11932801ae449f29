/** Names of a node and of its weight's tensor, as exporters of ONNX write them: paths, or names of transformers with other parts. */
const blockPart = /^(?:model\.)?layers\.(\d{1,4})\.(?:self_)?(attn|mlp)\.(\w+)\./

/**
 * The name in transformers, without `.weight`, of the matrix that a node multiplies with; null where its names do not say.
 *
 * Source: onnxruntime-genai 0.18, src/python/py/models/builders/base.py (`/model/layers.0/attn/q_proj/MatMul`), and Optimum's exports
 * (`/model/layers.0/self_attn/q_proj/MatMul`).
 */
export function stemOfMatrix(...names: readonly string[]): string | null {
  for (const name of names) {
    const dotted = `${name.replace(/^\//, '').replaceAll('/', '.')}.`
    if (/^lm_head\./.test(dotted)) return 'lm_head'
    if (/^model\.embed_tokens\./.test(dotted)) return 'model.embed_tokens'
    const found = blockPart.exec(dotted)
    if (found !== null) {
      const [, layer, part, linear] = found
      return `model.layers.${Number(layer)}.${part === 'attn' ? 'self_attn' : part}.${linear}`
    }
  }
  return null
}

/**
 * The name in transformers of a norm's weight or of a bias; null for a tensor that is neither.
 *
 * @param layerCount what the final norm is numbered with
 */
export function vectorName(name: string, layerCount: number): string | null {
  if (/^model\.norm\.(weight|bias)$/.test(name)) return name
  const final = /^model\.layers\.(\d{1,4})\.final_norm_layernorm\.(weight|bias)$/.exec(name)
  if (final !== null) return Number(final[1]) === layerCount ? `model.norm.${final[2]}` : null
  const norm = /^model\.layers\.(\d{1,4})\.(\w+_layernorm)\.(weight|bias)$/.exec(name)
  if (norm !== null) return `model.layers.${Number(norm[1])}.${norm[2]}.${norm[3]}`
  const ofHeads =
    /^model\.layers\.(\d{1,4})\.(?:self_)?attn\.([qk])_norm\.(?:layernorm\.)?(weight|bias)$/.exec(name)
  if (ofHeads !== null) return `model.layers.${Number(ofHeads[1])}.self_attn.${ofHeads[2]}_norm.${ofHeads[3]}`
  const stem = /\.bias$/.test(name) ? stemOfMatrix(name) : null
  return stem === null ? null : `${stem}.bias`
}
