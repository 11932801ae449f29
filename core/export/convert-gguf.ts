import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { openByteSource } from '../formats/byte-source.js'
import { formatHeader, type GgufContent, type TensorOutline } from '../formats/gguf/format-header.js'
import type { GgufTensor } from '../formats/gguf/gguf-file.js'
import { readGguf } from '../formats/gguf/read-gguf.js'
import { tensorType } from '../formats/gguf/tensor-types.js'
import { writingGguf, type TensorProgress } from '../formats/gguf/write-gguf.js'
import { fusedTensors, type FusedTensors } from '../model/fused-tensors.js'
import { hashModel } from '../model/hash.js'
import {
  encodeRows,
  rowShape,
  type EncodedTensor,
  type ReadRow,
  type Rounding,
} from '../quantization/encode-rows.js'
import { EngineError } from '../schema/engine-error.js'
import { requireFreeSpace } from '../formats/free-space.js'
import type { RoundedTensors } from './calibrated/rounded-tensors.js'
import type { GgufExport } from './gguf-export.js'
import type { GgufType } from '../schema/gguf-type.js'
import { metadataOfType, typeInModel } from './gguf-type.js'
import { refusePrompt } from './refuse-prompt.js'
import { trainedByName, trainedRows, type TrainedByName, type TrainedModel } from './trained-rows.js'

/** An open model, and what it is to become. */
export interface GgufConversion extends TrainedModel {
  /** Null leaves every matrix in the type that it has. */
  readonly type: GgufType | null
  /** Of tensors whose type changes; a search unless said. Types that cannot be rounded so are searched. */
  readonly rounding?: Rounding
  /** Tensors that were rounded before, by what enters them: they take the place of others. */
  readonly rounded?: RoundedTensors
}

/** A tensor of the new file beside the one it is made from. */
interface ConvertedTensor extends TensorOutline {
  readonly base: GgufTensor
}

export type ConversionPlan = GgufContent<ConvertedTensor> & {
  /** Of the whole file. */
  readonly byteLength: number
}

/** What the file will consist of, and how large it will be. */
export function planConversion({
  file,
  type,
  layerCount,
}: Pick<GgufConversion, 'file' | 'type' | 'layerCount'>): ConversionPlan {
  const tensors = new Map(
    [...file.tensors].map(([name, base]): [string, ConvertedTensor] => {
      const converted = typeInModel(base, type, layerCount)
      return [name, { name, type: converted, shape: base.shape, byteLength: bytesOf(base, converted), base }]
    }),
  )
  const content = {
    version: 3 as const,
    alignment: 32,
    metadata: metadataOfType(file.metadata, type),
    tensors,
  }
  return { ...content, byteLength: formatHeader(content).byteLength }
}

function bytesOf({ shape, type, byteLength }: GgufTensor, converted: string): number {
  const { blockLength, blockBytes } = tensorType(converted) ?? { blockLength: 1, blockBytes: byteLength }
  if (converted === type) return byteLength
  return (shape.reduce((product, length) => product * length, 1) / blockLength) * blockBytes
}

/**
 * Writes a model, as training left it, as a GGUF file of another type, tensor by tensor: quantized types are fitted to the
 * values by least squares; a tensor whose type stays is written as `exportGguf` does. Reads the file back and compares it.
 *
 * Memory: one tensor in its old and its new form.
 *
 * @param onTensor told before each tensor
 * @throws EngineError `file-exists`, `file-unwritable`, `file-unreadable`, `model-malformed`, `value-unrepresentable`,
 *   `export-mismatch`
 */
export function convertGguf(
  conversion: GgufConversion,
  target: string,
  onTensor: (progress: TensorProgress) => void = () => undefined,
): GgufExport {
  const converting = convertingGguf(conversion, target)
  let next = converting.next()
  for (; next.done !== true; next = converting.next()) onTensor(next.value)
  return next.value
}

/** As `convertGguf`, tensor by tensor: yields before each. Returning it early leaves nothing behind. */
export function* convertingGguf(
  conversion: GgufConversion,
  target: string,
): Generator<TensorProgress, GgufExport> {
  const { file, changes } = conversion
  refusePrompt(changes, 'a GGUF file')
  const plan = planConversion(conversion)
  requireFreeSpace(target, plan.byteLength)
  const trained = trainedByName(conversion)
  const fused = fusedTensors(file)
  const hashes = new Map<string, string>()
  let largestRoundingError = 0
  const encoded = (tensor: ConvertedTensor): Uint8Array => {
    const { bytes, roundingError } = convert(conversion, tensor, partsOf(tensor.base, fused), trained)
    hashes.set(tensor.name, hashOf(bytes))
    largestRoundingError = Math.max(largestRoundingError, roundingError)
    return bytes
  }
  yield* writingGguf(target, plan, encoded, { overwrite: false })
  const sha256 = verifyOrRemove(target, plan, hashes)
  const { byteLength } = plan
  const trainedTensorCount = trained.size
  return { path: target, byteLength, sha256, trainedTensorCount, keepsBase: false, largestRoundingError }
}

/** The rows of a tensor that belong together: all of them, or those of each linear of a fused tensor. */
function partsOf(base: GgufTensor, fused: FusedTensors): readonly GgufTensor[] {
  return fused.get(base.name) ?? [base]
}

function convert(
  { source, rounding, rounded }: GgufConversion,
  tensor: ConvertedTensor,
  parts: readonly GgufTensor[],
  trained: TrainedByName,
): EncodedTensor {
  const before = parts.flatMap(({ name }) => rounded?.read(name) ?? [])
  if (before.length === parts.length) return joined(before)
  if (tensor.base.type !== tensor.type) {
    const readers = parts.map((part) => trainedRows(source, trained, part))
    return encodeRows(tensor, rowsOf(parts, readers), rounding)
  }
  const encoded = parts.map(
    (part) =>
      trained.get(part.name)?.encode(source) ?? {
        bytes: source.read(part.offset, part.byteLength),
        roundingError: 0,
      },
  )
  return joined(encoded)
}

function joined(encoded: readonly EncodedTensor[]): EncodedTensor {
  if (encoded.length === 1) return encoded[0]
  return {
    bytes: Buffer.concat(encoded.map(({ bytes }) => bytes)),
    roundingError: Math.max(...encoded.map(({ roundingError }) => roundingError)),
  }
}

/** The rows of all parts, one part after the other. */
function rowsOf(parts: readonly GgufTensor[], readers: readonly ReadRow[]): ReadRow {
  const places = parts.flatMap((part, index) =>
    Array.from({ length: rowShape(part).rows }, (_, row) => ({ read: readers[index], row })),
  )
  return (row, target) => places[row].read(places[row].row, target)
}

/** A file that is not what it should be does not stay. Returns the hash of the whole. */
function verifyOrRemove(path: string, plan: ConversionPlan, hashes: ReadonlyMap<string, string>): string {
  const written = openByteSource(path)
  try {
    const file = readGguf(written)
    for (const [name, { type }] of plan.tensors) {
      const found = file.tensors.get(name)
      const isSame =
        found?.type === type && hashOf(written.read(found.offset, found.byteLength)) === hashes.get(name)
      if (isSame) continue
      const where = `tensor '${name}'`
      const message = `'${path}' did not read back as written: ${where}`
      throw new EngineError('export-mismatch', { path, where }, message)
    }
    return hashModel(written)
  } catch (thrown) {
    rmSync(path, { force: true })
    throw thrown
  } finally {
    written.close()
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
