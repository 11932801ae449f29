import type { FloatBlock } from '../../engine/float-block-runner.js'
import type { LoadedModel } from '../../engine/loaded-model.js'
import { ReusedBuffers } from '../../engine/reused-buffer.js'
import { byLinear } from '../../engine/stored-block.js'
import { linearNames, linearShape } from '../../model/description.js'
import { trainedRows, type TrainedByName, type TrainedModel } from '../trained-rows.js'

/** The layers of a model as training left them, in floats, one at a time in the same memory; their caller may change them. */
export function floatLayers(
  { source, changes }: TrainedModel,
  trained: TrainedByName,
  model: LoadedModel,
): (layer: number) => FloatBlock {
  const buffers = new ReusedBuffers()
  return (layer) => {
    const { stored, vectors } = model.blocks[layer]
    const linears = byLinear(linearNames, (name) => {
      const { rows, columns } = linearShape(model.description, name)
      const values = buffers.take(name, rows * columns)
      const readRow = trainedRows(source, trained, stored.tensors[name])
      for (let row = 0; row < rows; row++) readRow(row, values.subarray(row * columns, (row + 1) * columns))
      return values
    })
    const changed = [...vectors].map(
      ([name, values]) => [name, (changes.vector?.(layer, name) ?? values).slice()] as const,
    )
    return { linears, vectors: new Map(changed) }
  }
}
