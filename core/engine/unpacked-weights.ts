import type { BlockVariant } from '../graph/block-graph.js'
import type { LinearFormat } from '../graph/linear.js'
import { linearNames, linearShape, type LinearName, type ModelDescription } from '../model/description.js'
import type { QuantizedMatrix } from '../quantization/matrix.js'
import { MatrixUnpacker } from '../quantization/unpack/matrix-unpacker.js'
import type { Tensors } from '../runtime/device.js'
import { float32Tensor } from './matrix-tensors.js'

/** Blocks with more floats than this are unpacked in their graphs, a matrix at a time. */
const largestBytes = 64 * 2 ** 20

/**
 * Unpacks the quantized weights of small blocks for their backward graphs, which use each twice: a sweep takes a fifth less
 * time than with weights unpacked in the graph.
 */
export class UnpackedWeights {
  readonly #model: ModelDescription
  readonly #unpacker = new MatrixUnpacker()

  constructor(model: ModelDescription) {
    this.#model = model
  }

  /** The linears of a block that `tensors` unpacks: all whose codes are steps of a scale, or none where they are too large together. */
  names(formats: BlockVariant['formats']): readonly LinearName[] {
    const names = linearNames.filter((name) => isUnpackedHere(formats[name]))
    return unpackedBytes(this.#model, names) <= largestBytes ? names : []
  }

  /**
   * `NAME.weights` of the linears called `names`, from their codes, scales and zero points in `inputs`; valid until the next
   * call.
   */
  tensors(inputs: Tensors, formats: BlockVariant['formats'], names: readonly LinearName[]): Tensors {
    const matrices = names.map((name) => matrixOf(this.#model, inputs, formats, name))
    return Object.fromEntries(
      this.#unpacker
        .unpack(matrices)
        .map((values, index) => [
          `${names[index]}.weights`,
          float32Tensor(values, [matrices[index].rows, matrices[index].columns]),
        ]),
    )
  }
}

/** Codes that are looked up are unpacked in their graphs. */
function isUnpackedHere(format: LinearFormat): boolean {
  return format.kind === 'quantized' && format.table === undefined
}

/** Bytes of the floats of a block's linears that are unpacked at once: all of them, or one where they are too large. */
export function bytesUnpackedAtOnce(model: ModelDescription): number {
  const all = unpackedBytes(model, linearNames)
  if (all <= largestBytes) return all
  return Math.max(...linearNames.map((name) => unpackedBytes(model, [name])))
}

function unpackedBytes(model: ModelDescription, names: readonly LinearName[]): number {
  return names.reduce((sum, name) => {
    const { rows, columns } = linearShape(model, name)
    return sum + 4 * rows * columns
  }, 0)
}

function matrixOf(
  model: ModelDescription,
  inputs: Tensors,
  formats: BlockVariant['formats'],
  name: LinearName,
): QuantizedMatrix {
  const format = formats[name]
  const of = (part: string): Tensors[string] | undefined =>
    (inputs as Readonly<Record<string, Tensors[string] | undefined>>)[`${name}.${part}`]
  const [codes, scales, zeroPoints] = [of('codes'), of('scales'), of('zeroPoints')]
  if (format.kind !== 'quantized' || codes?.type !== 'uint8' || scales?.type !== 'float32') {
    throw new Error(`the codes and scales of '${name}' are missing`)
  }
  const { bits, blockSize } = format
  return {
    kind: 'quantized',
    ...linearShape(model, name),
    ...{ bits, blockSize },
    codes: codes.data as Uint8Array,
    scales: scales.data as Float32Array,
    zeroPoints: zeroPoints === undefined ? null : (zeroPoints.data as Float32Array),
  }
}
