import { createCipheriv, createHash, type Cipher } from 'node:crypto'
import { writeAtomically } from '../../core/formats/atomic-file.js'
import { formatHeader, paddingBytes, type TensorOutline } from '../../core/formats/gguf/format-header.js'
import { tensorType } from '../../core/formats/gguf/tensor-types.js'
import { floatToHalf } from '../../core/quantization/half-float.js'
import { shapeMetadata } from './shape-metadata.js'
import { shapes, shapeTensors, type ShapeName, type ShapeTensor, type ShapeType } from './shape.js'

export interface ShapeRequest {
  readonly name: ShapeName
  readonly type: ShapeType
  readonly seed: number
  readonly path: string
}

const alignment = 32

/**
 * Writes a GGUF file of a shape with random weights, a piece at a time: memory does not grow with the file. Equal requests
 * give equal bytes.
 *
 * @throws EngineError 'file-exists', 'file-unwritable'
 */
export function writeShape({ name, type, seed, path }: ShapeRequest): void {
  const shape = shapes[name]
  const tensors = new Map(
    shapeTensors(shape).map((tensor) => [tensor.name, { ...tensor, ...outline(tensor, type) }]),
  )
  const content = { version: 3, alignment, metadata: shapeMetadata(name, shape), tensors } as const
  const { header, byteLength } = formatHeader(content)
  writeAtomically(path, { overwrite: false, byteLength }, (append) => {
    append(header)
    for (const tensor of tensors.values()) {
      if (tensor.deviation === null) append(ones(tensor.shape[0]))
      else for (const piece of randomBlocks(type, tensor, tensor.deviation, seed)) append(piece)
      append(new Uint8Array(paddingBytes(tensor.byteLength, alignment)))
    }
  })
}

function outline(tensor: ShapeTensor, type: ShapeType): TensorOutline {
  const { name, shape, deviation } = tensor
  const stored = deviation === null ? 'F32' : type
  const { blockLength, blockBytes } = tensorType(stored) ?? { blockLength: 1, blockBytes: 1 }
  const count = shape.reduce((product, length) => product * length, 1)
  return { name, shape, type: stored, byteLength: (count / blockLength) * blockBytes }
}

function ones(length: number): Uint8Array {
  return new Uint8Array(new Float32Array(length).fill(1).buffer)
}

/** Standard deviation of codes that are equally likely, around the middle of their range. */
const codeDeviations: Readonly<Record<ShapeType, number>> = { Q4_0: 4.64, Q4_1: 4.61, Q8_0: 73.9 }
/** Blocks in memory at a time. */
const blocksPerPiece = 2 ** 17

/** Blocks of random codes, each with a scale of one size and a random sign, so that values lie around 0. */
function* randomBlocks(
  type: ShapeType,
  { name, byteLength }: TensorOutline,
  deviation: number,
  seed: number,
): Generator<Uint8Array> {
  const { blockBytes } = tensorType(type) ?? { blockBytes: 1 }
  const scale = floatToHalf(deviation / codeDeviations[type])
  const minimum = floatToHalf((7.5 * deviation) / codeDeviations[type])
  const cipher = randomStream(`${seed}:${name}`)
  const zeros = new Uint8Array(blocksPerPiece * blockBytes)
  for (let start = 0; start < byteLength; start += zeros.byteLength) {
    const bytes = cipher.update(zeros.subarray(0, Math.min(zeros.byteLength, byteLength - start)))
    for (let block = 0; block < bytes.byteLength; block += blockBytes) {
      const sign = bytes[block + 1] & 0x80
      bytes[block] = scale & 0xff
      bytes[block + 1] = (scale >> 8) | sign
      if (type !== 'Q4_1') continue
      bytes[block + 2] = minimum & 0xff
      bytes[block + 3] = (minimum >> 8) | (sign ^ 0x80)
    }
    yield bytes
  }
}

/** Random bytes that a name decides: the key stream of AES-128 in counter mode, a gigabyte a second. */
function randomStream(name: string): Cipher {
  const key = createHash('sha256').update(name).digest()
  return createCipheriv('aes-128-ctr', key.subarray(0, 16), key.subarray(16, 32))
}
