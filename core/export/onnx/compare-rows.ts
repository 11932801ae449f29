import type { OpenGguf } from '../../formats/gguf/open-gguf.js'
import { rowShape } from '../../quantization/encode-rows.js'
import { readRows } from '../../quantization/read-rows.js'
import { mismatch } from '../compare-bytes.js'
import type { TrainedTensor } from '../trained-tensors.js'

/** Of a row's largest value: scales may be stored as half floats, of 11 bits, or as bfloat16, of 8. */
const tolerance = 2 ** -8

/**
 * Compares the trained tensors of a model that was written with what training made of them, value by value.
 *
 * @throws EngineError `export-mismatch` naming the tensor and the row
 */
export function compareRows(base: OpenGguf, written: OpenGguf, trained: readonly TrainedTensor[]): void {
  for (const { tensor, readRows: readExpected } of trained) {
    const found = written.file.tensors.get(tensor.name)
    if (found === undefined) throw mismatch(written.file.path, `tensor '${tensor.name}'`, 'it is not there')
    const { rows, columns } = rowShape(tensor)
    const [read, expected] = [readRows(written.source, found), readExpected(base.source)]
    const [values, wanted] = [new Float32Array(columns), new Float32Array(columns)]
    for (let row = 0; row < rows; row++) {
      read(row, values)
      expected(row, wanted)
      const allowed = tolerance * wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      if (wanted.every((value, index) => Math.abs(values[index] - value) <= allowed)) continue
      const where = `row ${row} of tensor '${tensor.name}'`
      throw mismatch(written.file.path, where, 'its values are not what training made of it')
    }
  }
}
