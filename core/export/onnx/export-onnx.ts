import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Tokenizer } from '../../data/tokenizer/tokenizer.js'
import type { LoadedModel } from '../../engine/loaded-model.js'
import { noChanges, type ModelChanges } from '../../engine/model-changes.js'
import { onnxFolderFiles } from '../../engine/onnx-folder.js'
import { writeFileAtomic } from '../../formats/atomic-file.js'
import { writeFolderAtomically } from '../../formats/atomic-folder.js'
import type { GgufValue } from '../../formats/gguf/gguf-file.js'
import { writeGguf } from '../../formats/gguf/write-gguf.js'
import { buildWholeModelGraph } from '../../graph/whole-model-graph.js'
import type { TrainedState } from '../../parameters/trained-parameters.js'
import type { Device } from '../../runtime/device.js'
import { refusePrompt } from '../refuse-prompt.js'
import { genaiConfig, generationConfig, modelConfig } from './model-config.js'
import { readMe } from './read-me.js'
import { specialTokensMap, tokenizerConfig } from './tokenizer-config.js'
import { verifyOnnx } from './verify-onnx.js'
import { writeWeights } from './write-weights.js'

export interface OnnxExportRequest {
  /** Where the folder will be; nothing may be there. */
  readonly folder: string
  /** The model as it was before training. */
  readonly model: LoadedModel
  /** What training made of it; null exports the model as it is. */
  readonly trained: (ModelChanges & Pick<TrainedState, 'overrides'>) | null
  readonly tokenizer: Tokenizer
  /** All metadata of the model's file. */
  readonly metadata: ReadonlyMap<string, GgufValue>
  /** Where the export is verified. */
  readonly device: Device
}

export interface OnnxExport {
  readonly folder: string
  /** Of all files. */
  readonly byteLength: number
  /** Largest difference of a logit from the engine's, of the lines that were compared. */
  readonly logitDifference: number
}

/** transformers.js looks for external data under this name. */
const dataFile = `${onnxFolderFiles.graph}_data`

/** Lines that an export is verified on. Lower case, because small vocabularies have nothing else. */
const lines = [
  'the capital of france is a city on the river seine.',
  'it was one of the best films that i have seen this year, and the music is good too.',
  'for i in 0, 1, 2: add the next number to the sum, then return it.',
]

/**
 * Writes a model as a folder that onnxruntime, onnxruntime-genai and transformers.js load, and verifies it against the
 * engine before it gets its name. Trained factors are multiplied into the scales in float32, and low-rank branches stand
 * beside their linears. Of a model that rotates long texts otherwise, the context ends where those begin.
 *
 * @throws EngineError `file-exists`, `file-unwritable`, `export-mismatch`, `runtime-failed`
 */
export function exportOnnx(request: OnnxExportRequest): Promise<OnnxExport> {
  const { folder, trained, tokenizer, device } = request
  const model = withShortContext(request.model)
  refusePrompt(trained ?? noChanges, 'an ONNX folder')
  return writeFolderAtomically(folder, async (temporary) => {
    const files = writeFiles(temporary, { ...request, model })
    const logitDifference = await verifyOnnx({
      folder: temporary,
      device,
      model,
      tokenizer,
      overrides: trained?.overrides(null) ?? (() => null),
      lines,
    })
    const byteLength = files.reduce((sum, file) => sum + statSync(join(temporary, file)).size, 0)
    return { folder, byteLength, logitDifference }
  })
}

/** The graph has one table of rotations, so that a model which rotates long texts otherwise ends where those begin. */
function withShortContext(model: LoadedModel): LoadedModel {
  const { description } = model
  const above = description.rope.longFactors?.above ?? Infinity
  const contextLength = Math.min(description.contextLength, above)
  return { ...model, description: { ...description, contextLength } }
}

/** Writes every file and returns their names. */
function writeFiles(folder: string, { model, trained, tokenizer, metadata }: OnnxExportRequest): string[] {
  const { description } = model
  const graphFile = onnxFolderFiles.graph
  const { formats, contentOf } = writeWeights(join(folder, dataFile), dataFile, model, trained ?? noChanges)
  writeGguf(
    join(folder, onnxFolderFiles.metadata),
    { version: 3, alignment: 32, metadata, tensors: new Map() },
    () => new Uint8Array(0),
    { overwrite: false },
  )
  const contents: Record<string, string | Uint8Array> = {
    [graphFile]: buildWholeModelGraph(description, formats, contentOf),
    [onnxFolderFiles.config]: json(genaiConfig(description, tokenizer, graphFile)),
    'config.json': json(modelConfig(description, tokenizer)),
    'generation_config.json': json(generationConfig(description, tokenizer)),
    'tokenizer.json': json(tokenizer.toJson()),
    'tokenizer_config.json': json(tokenizerConfig(tokenizer, metadata, description.contextLength)),
    'special_tokens_map.json': json(specialTokensMap(tokenizer, metadata)),
    'README.md': readMe(description.name),
  }
  for (const [file, content] of Object.entries(contents)) {
    writeFileAtomic(join(folder, file), content, { overwrite: false })
  }
  return [...Object.keys(contents), dataFile, onnxFolderFiles.metadata]
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
