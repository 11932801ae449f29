import { join } from 'node:path'
import { openByteSource } from '../../formats/byte-source.js'
import type { GgufFile } from '../../formats/gguf/gguf-file.js'
import { readGguf } from '../../formats/gguf/read-gguf.js'
import type { OpenOnnx } from '../../formats/onnx/open-onnx.js'
import { modelProblem } from '../../schema/model-problems.js'
import { architectures } from '../architectures.js'
import { linearNames, linearShape, type BlockSizes, type RopeDescription } from '../description.js'
import { describeRope } from '../describe-rope.js'
import { optionalText } from '../metadata.js'
import { readSizes } from '../read-sizes.js'
import { tensorNames } from '../tensor-names.js'
import { sameOrder } from '../unpacked-rows.js'
import type { DescribedGraph } from './describe-genai-graph.js'
import type { GenaiModel } from './genai-config.js'
import type { MatrixPart, VectorPart } from './graph-parts.js'
import { unsupportedOnnx } from './onnx-errors.js'
import { ownMatrix } from './own-matrix.js'
import { isSame } from './find-weights.js'
import { frequencyFactors, readRopeTables, type GraphRotation } from './read-rope-tables.js'

/** The metadata of the model that a folder of ours was made from, as a GGUF file without tensors. */
export const ownMetadataFile = 'metadata.gguf'

const ropeTables = { cosines: 'rope.cosines', sines: 'rope.sines' }
/** Numbers that are no weight: the tables, and constants of shapes. */
const isNoWeight = (name: string, byteLength: number): boolean =>
  name.startsWith('rope.') || (byteLength <= 64 && !name.startsWith('blk.'))

/**
 * Describes a graph that we wrote: the names of its tensors are GGUF's.
 *
 * @throws EngineError `file-unreadable`, `model-malformed`, `model-unsupported`, of folders with low-rank branches among others
 */
export function describeOwnGraph(open: OpenOnnx, folder: string, genai: GenaiModel): DescribedGraph {
  const file = readOwnMetadata(open, folder)
  const name = optionalText(file, 'general.architecture') ?? ''
  const architecture = architectures.get(name)
  if (architecture === undefined) {
    throw unsupportedOnnx(
      file.path,
      modelProblem('architecture', { name }),
      [...architectures.keys()].join(', '),
    )
  }
  const sizes = readSizes(file, name)
  const rotation = readRopeTables(open, ropeTables.cosines, ropeTables.sines)
  const rope = describeRope(file, open.sources[0], {
    architecture: name,
    layout: architecture.ropeLayout,
    ...sizes,
  })
  const factors = factorsBeside(rope, rotation)
  const contextLength = Math.min(genai.context_length, rotation.positions)
  return {
    metadata: new Map([
      ...file.metadata,
      [`${name}.context_length`, { type: 'uint32', value: contextLength }],
    ]),
    parts: { matrices: matrixParts(open, sizes), vectors: vectorParts(open) },
    made: factors === null ? [] : [[tensorNames.ropeFrequencies, factors]],
  }
}

/** The factors that a model had as a tensor, which its metadata does not say; null where it had none. */
function factorsBeside(
  rope: RopeDescription,
  { frequencies, positions }: GraphRotation,
): Float32Array | null {
  const scaled = frequencies.map((frequency) => frequency * rope.positionScale)
  const found = frequencyFactors(scaled, rope.base)
  const isSaid = found.every((factor, pair) => {
    const said = rope.frequencyFactors?.[pair] ?? 1
    return Math.abs(factor / said - 1) * frequencies[pair] <= 1e-6 * frequencies[pair] + 1e-6 / positions
  })
  return isSaid ? null : found
}

/** The metadata as of a file with the graph's tensors, whose number bounds that of the layers. */
function readOwnMetadata({ graph }: OpenOnnx, folder: string): GgufFile {
  const source = openByteSource(join(folder, ownMetadataFile))
  try {
    const file = readGguf(source)
    const tensors = new Map(
      [...graph.tensors.keys()].map((name) => [
        name,
        { name, type: 'F32', shape: [], offset: 0, byteLength: 0 },
      ]),
    )
    return { ...file, tensors }
  } finally {
    source.close()
  }
}

function matrixParts(open: OpenOnnx, sizes: BlockSizes & { readonly layerCount: number }): MatrixPart[] {
  const part = (stem: string, columns: number): MatrixPart => {
    const matrix = ownMatrix(open, stem, columns)
    return { name: `${stem}.weight`, matrix, firstRow: 0, rows: matrix.rows, order: sameOrder }
  }
  const [embedding, output] = [part('token_embd', sizes.width), part('output', sizes.width)]
  const parts = isSame(embedding.matrix, output.matrix) ? [embedding] : [embedding, output]
  for (let layer = 0; layer < sizes.layerCount; layer++) {
    for (const linear of linearNames) {
      parts.push(part(`blk.${layer}.${linear}`, linearShape(sizes, linear).columns))
    }
  }
  return parts
}

const matrixPart =
  /^(?:token_embd|output|blk\.\d+\.(?:attn_[qkv]|attn_output|ffn_\w+))\.(?:codes|scales|offsets|weights)$/
const normName = /^(?:output_norm|blk\.\d+\.\w+_norm)$/

function vectorParts({ path, graph, place }: OpenOnnx): VectorPart[] {
  return [...graph.tensors.values()].flatMap(({ name, byteLength, shape }) => {
    if (matrixPart.test(name) || isNoWeight(name, byteLength)) return []
    const isVector = normName.test(name) || name.endsWith('.bias')
    if (!isVector) {
      throw unsupportedOnnx(
        path,
        modelProblem('tensor', { name: name.slice(0, 200) }),
        'weights without branches beside them',
      )
    }
    const whole = name.endsWith('.bias') ? name : `${name}.weight`
    return [
      { name: whole, tensor: place(name), first: 0, length: shape[0] ?? 0, indexBefore: (index) => index },
    ]
  })
}
