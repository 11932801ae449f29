import { expect, it } from 'vitest'
import { BlockInputs } from '../../../core/engine/block-inputs.js'
import { UnpackedWeights } from '../../../core/engine/unpacked-weights.js'
import { linearNames } from '../../../core/model/description.js'
import { dequantizeRow } from '../../../core/quantization/dequantize-row.js'
import type { QuantizedType } from '../../../core/formats/gguf/tensor-types.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { openTiny } from '../../support/open-tiny.js'
import type { TinyModel } from '../../support/tiny-gguf.js'

const wide = { width: 256, feedForward: 256, heads: 16 }

it.each<[QuantizedType, Partial<TinyModel>?]>([
  ...(['Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0', 'IQ4_NL'] as const).map((type): [QuantizedType] => [type]),
  ...(['Q2_K', 'Q4_K', 'Q5_K', 'Q6_K'] as const).map((type): [QuantizedType, typeof wide] => [type, wide]),
])('unpacks the linears of a %s block from the inputs of its graph', (type, sizes = {}) => {
  const { model } = openTiny({ type, ...sizes })
  const inputs = new BlockInputs(openCpuDevice(), model)
  const formats = inputs.variant(1).formats
  const unpacked = new UnpackedWeights(model.description)
  expect(unpacked.names(formats)).toEqual(linearNames)
  const tensors = unpacked.tensors(inputs.arrays(1), formats, linearNames)
  for (const name of linearNames) {
    const matrix = model.blocks[1].linears[name]
    const expected = new Float32Array(matrix.rows * matrix.columns)
    for (let row = 0; row < matrix.rows; row++) dequantizeRow(matrix, row, expected, row * matrix.columns)
    const found = tensors[`${name}.weights`]
    expect(found.shape).toEqual([matrix.rows, matrix.columns])
    const error = expected.reduce(
      (worst, value, i) => Math.max(worst, Math.abs(value - Number(found.data[i]))),
      0,
    )
    expect(error).toBeLessThan(1e-7)
  }
})

it('leaves blocks of floats, and very large ones, as they are', () => {
  const { model } = openTiny({ type: 'F16' })
  const formats = new BlockInputs(openCpuDevice(), model).variant(0).formats
  expect(new UnpackedWeights(model.description).names(formats)).toEqual([])

  const quantized = new BlockInputs(openCpuDevice(), openTiny({ type: 'Q4_0' }).model).variant(0).formats
  const large = { ...model.description, feedForwardWidth: 2 ** 20 }
  expect(new UnpackedWeights(large).names(quantized)).toEqual([])
})
