import type { FloatBlock } from '../../core/engine/float-block-runner.js'
import type { LoadedModel } from '../../core/engine/loaded-model.js'
import { byLinear } from '../../core/engine/stored-block.js'
import { linearNames, linearShape } from '../../core/model/description.js'
import { dequantizeRow } from '../../core/quantization/dequantize-row.js'

/** A block of a model in floats of its own. */
export function blockInFloats({ description, blocks }: LoadedModel, layer: number): FloatBlock {
  const { linears, vectors } = blocks[layer]
  const values = byLinear(linearNames, (name) => {
    const { rows, columns } = linearShape(description, name)
    const floats = new Float32Array(rows * columns)
    for (let row = 0; row < rows; row++) dequantizeRow(linears[name], row, floats, row * columns)
    return floats
  })
  return { linears: values, vectors: new Map([...vectors].map(([name, vector]) => [name, vector.slice()])) }
}
