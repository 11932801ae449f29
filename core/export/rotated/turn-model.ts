import type { FloatBlock } from '../../engine/float-block-runner.js'
import { readModel } from '../../engine/loaded-model.js'
import { noChanges } from '../../engine/model-changes.js'
import { requireFreeSpace } from '../../formats/free-space.js'
import type { GgufFile } from '../../formats/gguf/gguf-file.js'
import type { OpenGguf } from '../../formats/gguf/open-gguf.js'
import { linearNames } from '../../model/description.js'
import { fusedTensors, type FusedTensors } from '../../model/fused-tensors.js'
import { linearWeightName, tensorNames, vectorTensorName } from '../../model/tensor-names.js'
import type { Device } from '../../runtime/device.js'
import { floatLayers } from '../calibrated/float-layer.js'
import { foldNorms } from './fold-norms.js'
import { MatrixTurner } from './matrix-turner.js'
import { refuseUnturnable, type Rotations } from './rotations.js'
import { turnBlock } from './turn-block.js'
import { turnTable } from './turn-table.js'
import { TurnedFile } from './turned-file.js'

/**
 * A model that computes the same with a hidden state, and values, that are turned by orthogonal matrices; the weights of its norms are 1.
 * Its matrices are floats in a file without a name, 4 bytes a weight. Where the output was the embedding it is a matrix of its own, since
 * the weights of the last norm go into it and not into the embedding.
 *
 * Memory: a layer in floats twice, and some rows of a token table.
 *
 * @param opened the model; closed with the one that is returned
 * @param target the file that is to be written
 * @param onLayer told which of how many layers is next; may throw to stop
 * @throws EngineError 'request-invalid' for a model that cannot be turned, 'file-unwritable', 'file-unreadable', 'model-malformed',
 *   'runtime-failed'
 */
export async function turnModel(
  { source, file }: OpenGguf,
  rotations: Rotations,
  device: Device,
  target: string,
  onLayer: (layer: number, count: number) => void = () => undefined,
): Promise<OpenGguf> {
  const model = readModel(source, file)
  const { description, outputNorm } = model
  refuseUnturnable(description)
  requireFreeSpace(target, floatBytes(file))
  const { layerCount, width, isOutputTied } = description
  const layerAt = floatLayers({ source, file, layerCount, changes: noChanges }, new Map(), model)
  const turner = new MatrixTurner(device)
  const turned = new TurnedFile(target)
  const fused = fusedTensors(file)
  let isDone = false
  try {
    const { embedding, output, outputNorm: norm } = tensorNames
    const table = { file, source, turner, rotation: rotations.residual, turned }
    await turnTable(table, embedding, embedding, null)
    await turnTable(table, isOutputTied ? embedding : output, output, outputNorm.weight)
    turned.begin(norm, 'F32', [width])
    turned.append(new Float32Array(width).fill(1))
    for (let layer = 0; layer < layerCount; layer++) {
      onLayer(layer, layerCount)
      const block = layerAt(layer)
      foldNorms(block)
      await turnBlock(layer, block, description, rotations, turner)
      putBlock(turned, layer, block, file, fused)
    }
    for (const [name, { type, shape, offset, byteLength }] of file.tensors) {
      if (turned.has(name)) continue
      turned.begin(name, type, shape)
      turned.append(source.read(offset, byteLength))
    }
    isDone = true
    return turned.open(source, file)
  } finally {
    if (!isDone) turned.close()
    await turner.close()
  }
}

/** Of all tensors as floats, and of an output of its own. */
function floatBytes({ tensors }: GgufFile): number {
  const countOf = (name: string): number =>
    tensors.get(name)?.shape.reduce((product, length) => product * length, 1) ?? 0
  const count = [...tensors.keys()].reduce((sum, name) => sum + countOf(name), 0)
  return 4 * (count + (tensors.has(tensorNames.output) ? 0 : countOf(tensorNames.embedding)))
}

/** Writes a block's tensors under the names and in the shapes that the file has, fused ones too. */
function putBlock(
  turned: TurnedFile,
  layer: number,
  { linears, vectors }: FloatBlock,
  file: GgufFile,
  fused: FusedTensors,
): void {
  const values = new Map<string, Float32Array>([
    ...linearNames.map((name) => [linearWeightName(layer, name), linears[name]] as const),
    ...[...vectors].map(([name, vector]) => [vectorTensorName(layer, name), vector] as const),
  ])
  for (const [name, { shape }] of file.tensors) {
    const parts = (fused.get(name) ?? [{ name }]).flatMap((part) => values.get(part.name) ?? [])
    if (parts.length === 0) continue
    turned.begin(name, 'F32', shape)
    for (const part of parts) turned.append(part)
  }
}
