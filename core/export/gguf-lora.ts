import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { LowRankMatrices, ModelChanges } from '../engine/model-changes.js'
import { openByteSource } from '../formats/byte-source.js'
import { bytesOf } from '../formats/bytes-of.js'
import type { TensorOutline } from '../formats/gguf/format-header.js'
import type { GgufValue } from '../formats/gguf/gguf-file.js'
import { readGguf } from '../formats/gguf/read-gguf.js'
import { writeGguf } from '../formats/gguf/write-gguf.js'
import { architectures } from '../model/architectures.js'
import { linearNames, vectorLengths, type ModelDescription } from '../model/description.js'
import { hashModel } from '../model/hash.js'
import { linearWeightName } from '../model/tensor-names.js'
import { EngineError } from '../schema/engine-error.js'
import { requestIssue } from '../schema/request-issues.js'
import { refusePrompt } from './refuse-prompt.js'

export interface GgufLoraRequest {
  /** The model that was trained. */
  readonly model: ModelDescription
  readonly changes: ModelChanges
  /** Where the adapter will be; nothing may be there. */
  readonly target: string
}

export interface GgufLoraExport {
  readonly path: string
  readonly byteLength: number
  /** SHA-256 of the whole file, in hexadecimal. */
  readonly sha256: string
  readonly trainedTensorCount: number
}

/** One of the two matrices of a branch. */
interface LoraTensor extends TensorOutline {
  readonly values: Float32Array
}

/**
 * Writes the low-rank branches of a run as a GGUF file that llama.cpp loads beside the base model: `NAME.weight.lora_a`
 * [rank, columns] and `NAME.weight.lora_b` [rows, rank] in float32, exactly what was trained. llama.cpp multiplies a branch
 * by alpha / rank, so alpha is written as scale · rank whatever scaled it in training. Then reads it back.
 *
 * Source: src/llama-adapter.cpp and convert_lora_to_gguf.py of llama.cpp.
 *
 * @throws EngineError 'request-invalid' where there are no branches, or something else was trained that such a file cannot
 *   hold; 'file-exists', 'file-unwritable', 'export-mismatch'
 */
export function exportGgufLora({ model, changes, target }: GgufLoraRequest): GgufLoraExport {
  refusePrompt(changes, 'a LoRA file')
  refuseFusedTensors(model)
  refuseOtherChanges(model, changes)
  const branches = branchesOf(model, changes)
  const tensors = new Map(branches.flatMap(loraTensors).map((tensor) => [tensor.name, tensor]))
  const metadata = metadataOf(model, sharedAlpha(branches))
  const content = { version: 3 as const, alignment: 32, metadata, tensors }
  writeGguf(target, content, ({ values }) => bytesOf(values), { overwrite: false })
  try {
    return { path: target, trainedTensorCount: tensors.size, ...readBack(target, tensors) }
  } catch (thrown) {
    rmSync(target, { force: true })
    throw thrown
  }
}

interface NamedBranch extends LowRankMatrices {
  /** Of the linear's weight. */
  readonly name: string
}

function branchesOf(model: ModelDescription, changes: ModelChanges): NamedBranch[] {
  return layersOf(model).flatMap((layer) =>
    linearNames.flatMap((linear) => {
      const branch = changes.branch?.(layer, linear) ?? null
      return branch === null ? [] : [{ ...branch, name: linearWeightName(layer, linear) }]
    }),
  )
}

/** A file has one alpha; every branch of a run has the same rank and scale. */
function sharedAlpha(branches: readonly NamedBranch[]): number {
  if (branches.length === 0) {
    throw requestIssue('lora-without-branches')
  }
  const [{ scale, rank }] = branches
  return scale * rank
}

/** @throws EngineError 'request-invalid' for an architecture whose files hold several linears in one tensor */
export function refuseFusedTensors({ architecture }: ModelDescription): void {
  const fused = architectures.get(architecture)?.fused ?? []
  if (fused.length === 0) return
  throw requestIssue('lora-of-fused', { name: architecture, tensor: fused[0].name })
}

/** @throws EngineError 'request-invalid' where something else than branches was trained */
function refuseOtherChanges(model: ModelDescription, changes: ModelChanges): void {
  const vectors = [...vectorLengths(model).keys()]
  const isElsewhere = layersOf(model).some(
    (layer) =>
      linearNames.some(
        (linear) =>
          (changes.scaleFactors?.(layer, linear) ?? null) !== null ||
          (changes.matrix?.(layer, linear) ?? null) !== null,
      ) || vectors.some((name) => (changes.vector?.(layer, name) ?? null) !== null),
  )
  if (!isElsewhere) return
  throw requestIssue('lora-of-tensors')
}

function layersOf({ layerCount }: ModelDescription): number[] {
  return Array.from({ length: layerCount }, (_, layer) => layer)
}

function loraTensors({ name, rank, down, up }: NamedBranch): LoraTensor[] {
  const tensor = (suffix: string, values: Float32Array, shape: readonly number[]): LoraTensor => ({
    name: `${name}.${suffix}`,
    type: 'F32',
    shape,
    byteLength: values.byteLength,
    values,
  })
  return [tensor('lora_a', down, [rank, down.length / rank]), tensor('lora_b', up, [up.length / rank, rank])]
}

function metadataOf({ architecture, name }: ModelDescription, alpha: number): Map<string, GgufValue> {
  const text = (value: string): GgufValue => ({ type: 'string', value })
  return new Map([
    ['general.architecture', text(architecture)],
    ['general.type', text('adapter')],
    ['adapter.type', text('lora')],
    ['general.name', text(`${name} LoRA`.trim())],
    ['adapter.lora.alpha', { type: 'float32', value: Math.fround(alpha) }],
  ])
}

/** Compares every tensor of the written file with what was trained. */
function readBack(
  path: string,
  tensors: ReadonlyMap<string, LoraTensor>,
): { byteLength: number; sha256: string } {
  const written = openByteSource(path)
  try {
    const file = readGguf(written)
    for (const { name, values } of tensors.values()) {
      const found = file.tensors.get(name)
      const bytes = found === undefined ? null : written.read(found.offset, found.byteLength)
      if (bytes !== null && digest(bytes) === digest(bytesOf(values))) continue
      const where = `tensor '${name}'`
      throw new EngineError(
        'export-mismatch',
        { path, where },
        `'${path}' did not read back as written: ${where}`,
      )
    }
    return { byteLength: written.byteLength, sha256: hashModel(written) }
  } finally {
    written.close()
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
