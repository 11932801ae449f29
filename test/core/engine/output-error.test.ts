import { expect, it, onTestFinished } from 'vitest'
import { OutputError } from '../../../core/engine/output-error.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { correlatedInputs, momentsOf, outputError } from '../../support/linear-inputs.js'
import { randomNumbers } from '../../support/random-numbers.js'

it('is how far outputs move, squared and summed over the inputs', async () => {
  const [rows, columns] = [6, 10]
  const error = await OutputError.open(openCpuDevice({ threads: 1 }))
  onTestFinished(() => error.close())
  const inputs = correlatedInputs(columns, 40, 3)
  const random = randomNumbers(4)
  const difference = new Float32Array(rows * columns).map(() => random.symmetric())
  let expected = 0
  for (let start = 0; start < inputs.length; start += columns) {
    for (let row = 0; row < rows; row++) {
      let output = 0
      for (let at = 0; at < columns; at++) output += difference[row * columns + at] * inputs[start + at]
      expected += output ** 2
    }
  }
  const moments = momentsOf(inputs, columns)
  expect((await error.of(difference, moments, columns)) / expected).toBeCloseTo(1, 4)
  const zeros = new Float32Array(rows * columns)
  expect(outputError(difference, zeros, moments, columns) / expected).toBeCloseTo(1, 4)
})
