import { float32Tensor } from '../core/engine/matrix-tensors.js'
import { Tape } from '../core/graph/tape.js'
import { linearNames, linearShape, type ModelDescription } from '../core/model/description.js'
import { fillPhilox } from '../core/random/philox.js'
import type { Device, Tensor } from '../core/runtime/device.js'

/** The linears of a block as onnxruntime's own products in float32, with constant weights: the most the processor can do. */
export interface PlainProducts {
  /** Multiplies so many tokens with every linear of one block. */
  run(): Promise<void>
  close(): Promise<void>
}

/** Opens the linears of one block of `model` for `tokens` tokens, in one graph, so that it is run once a block. */
export async function openPlainProducts(
  device: Device,
  model: ModelDescription,
  tokens: number,
): Promise<PlainProducts> {
  const tape = new Tape()
  const inputs: Record<string, Tensor> = {}
  const outputs: Record<string, Tensor> = {}
  for (const name of linearNames) {
    const { rows, columns } = linearShape(model, name)
    const x = `x${columns}`
    if (!(x in inputs)) {
      tape.input(x, 'float32', [tokens, columns])
      inputs[x] = float32Tensor(randomFloats(tokens * columns), [tokens, columns])
    }
    const weights = tape.initializer({
      name: `${name}.weight`,
      type: 'float32',
      shape: [columns, rows],
      content: { data: new Uint8Array(randomFloats(rows * columns).buffer) },
    })
    tape.output(name, tape.node('MatMul', [x, weights]), 'float32', [tokens, rows])
    outputs[name] = float32Tensor(new Float32Array(tokens * rows), [tokens, rows])
  }
  const session = await device.open(tape.build('products'))
  return {
    run: async () => {
      await session.run(inputs, outputs)
    },
    close: () => session.close(),
  }
}

/** Numbers between −1 and 1. */
function randomFloats(length: number): Float32Array {
  const words = new Uint32Array(Math.ceil(length / 4) * 4)
  fillPhilox(words, [1, 2], [0, 0, 0, 0])
  return Float32Array.from(words.subarray(0, length), (word) => word / 2 ** 31 - 1)
}
