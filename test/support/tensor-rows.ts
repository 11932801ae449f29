import { mkdirSync, openSync, closeSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { openGraphModel } from '../../core/engine/open-graph-model.js'
import { bytesOf } from '../../core/formats/bytes-of.js'
import { writeSafetensors } from '../../core/formats/safetensors/write-safetensors.js'
import { floatToHalf } from '../../core/quantization/half-float.js'
import { loadRuntime } from '../../core/runtime/load-runtime.js'
import { goldenGraphFolder } from './graph-models.js'
import { randomNumbers } from './random-numbers.js'
import { temporaryFolder } from './temporary-folder.js'

/** A tensor of a row, as a safetensors file has it. */
export interface WrittenTensor {
  readonly name: string
  readonly dtype: 'F32' | 'F16' | 'I64'
  readonly shape: readonly number[]
  readonly data: Float32Array | Uint16Array | BigInt64Array
}

/** What the diffusion transformer in `dit` takes for one run. */
export type DitInputs = readonly [latent: WrittenTensor, timestep: WrittenTensor, condition: WrittenTensor]

const [channels, conditionWidth] = [16, 16]

/** Writes one row as a file. */
export function writeRow(path: string, tensors: readonly WrittenTensor[]): void {
  const outlines = tensors.map((tensor) => ({ ...tensor, byteLength: tensor.data.byteLength }))
  writeSafetensors(path, outlines, ({ data }) => bytesOf(data))
}

/** Random inputs; a latent has three to five positions. */
function ditInputs(seed: number): DitInputs {
  const random = randomNumbers(seed)
  const positions = 3 + random.below(3)
  const numbers = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => 2 * random.symmetric())
  return [
    { name: 'latent', dtype: 'F32', shape: [1, positions, channels], data: numbers(positions * channels) },
    { name: 'timestep', dtype: 'I64', shape: [1], data: BigInt64Array.of(BigInt(random.below(1000))) },
    {
      ...{ name: 'condition', dtype: 'F16', shape: [1, conditionWidth] },
      data: Uint16Array.from(numbers(conditionWidth), floatToHalf),
    },
  ]
}

/** What onnxruntime makes of inputs by the graph in a folder. Activations stay floats. */
async function ditNoise(folder: string, inputs: readonly DitInputs[]): Promise<WrittenTensor[]> {
  const { InferenceSession, Tensor } = await loadRuntime()
  const session = await InferenceSession.create(join(folder, 'model.onnx'), {
    intraOpNumThreads: 1,
    extra: { session: { qdq_matmulnbits_accuracy_level: '1' } },
  })
  const types = { F32: 'float32', F16: 'float16', I64: 'int64' } as const
  const made: WrittenTensor[] = []
  try {
    for (const row of inputs) {
      const feeds = row.map(({ name, dtype, shape, data }) => [
        name,
        new Tensor(types[dtype] as 'float32', data as Float32Array, shape),
      ])
      const { noise } = await session.run(
        Object.fromEntries(feeds) as Record<string, InstanceType<typeof Tensor>>,
      )
      made.push({
        name: 'noise',
        dtype: 'F32',
        shape: row[0].shape,
        data: (await noise.getData()) as Float32Array,
      })
    }
    return made
  } finally {
    await session.release()
  }
}

/** Mean squared errors between what two graphs make of inputs, one a row. */
export async function ditErrors(
  folder: string,
  teacher: string,
  inputs: readonly DitInputs[],
): Promise<number[]> {
  const [made, wanted] = await Promise.all([ditNoise(folder, inputs), ditNoise(teacher, inputs)])
  return made.map(({ data }, row) =>
    mean(Array.from(data as Float32Array, (value, index) => (value - Number(wanted[row].data[index])) ** 2)),
  )
}

/** Of numbers, in their order. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** A copy of `dit` with every scale multiplied by a number of its own, from 1 − `size` to 1 + `size`. */
export function perturbedDit(size: number, seed: number): string {
  const folder = goldenGraphFolder('dit')
  const random = randomNumbers(seed)
  const { model } = openGraphModel(folder, new Date(0))
  const writes = model.scales.map(({ tensor, initial }) => {
    const values = initial.map((scale) => scale * (1 + size * random.symmetric()))
    const data = tensor.dtype === 'F16' ? Uint16Array.from(values, floatToHalf) : values
    return { path: tensor.source.path, offset: tensor.offset, data }
  })
  model.close()
  for (const { path, offset, data } of writes) {
    const file = openSync(path, 'r+')
    writeSync(file, bytesOf(data), 0, data.byteLength, offset)
    closeSync(file)
  }
  return folder
}

/** A folder of so many rows of inputs, with what the graph in `teacher` makes of them. */
export async function writeDitRows(teacher: string, count: number, seed: number): Promise<string> {
  const folder = join(temporaryFolder(), 'rows')
  mkdirSync(folder)
  const inputs = inputsOfRows(count, seed)
  const noise = await ditNoise(teacher, inputs)
  inputs.forEach((row, index) => {
    writeRow(join(folder, `${String(index).padStart(4, '0')}.safetensors`), [...row, noise[index]])
  })
  return folder
}

/** What `writeDitRows` has in its rows. */
export function inputsOfRows(count: number, seed: number): DitInputs[] {
  return Array.from({ length: count }, (_, row) => ditInputs(1000 * seed + row))
}
