import { createChatTemplate } from '../data/chat-template.js'
import { createTokenizer } from '../data/tokenizer/create-tokenizer.js'
import { tensorTokenizer } from '../data/tokenizer/tensor-tokenizer.js'
import type { GgufFile } from '../formats/gguf/gguf-file.js'
import { joinedSource, pieceOf } from '../formats/joined-source.js'
import { openOnnx, type OpenOnnx } from '../formats/onnx/open-onnx.js'
import { malformedOnnx } from '../formats/onnx/read-onnx.js'
import { readFolderTokenizer } from '../model/hugging-face/read-folder-tokenizer.js'
import { hashModel } from '../model/hash.js'
import type { KnownHashes } from '../model/known-hashes.js'
import { readGraphConfig } from '../model/onnx/graph-config.js'
import { graphFileOf, textFolderOf } from '../model/onnx/graph-file.js'
import { readTensorGraph } from '../model/onnx/tensor-graph.js'
import { isTokenGraph, readTokenGraph } from '../model/onnx/token-graph.js'
import { isOnnxModel, openOnnxModel } from '../model/onnx/open-onnx-model.js'
import { EngineError } from '../schema/engine-error.js'
import { graphScales, isGraphModel, isTensorGraph, type GraphModel } from './graph-model.js'
import { openModel, type OpenModel } from './open-model.js'

/** A model that runs by its own graph, with everything that is needed to run it. */
export interface OpenGraphModel extends Omit<OpenModel, 'model'> {
  readonly model: GraphModel
}

/** A model that can be trained. */
export type AnyOpenModel = OpenModel | OpenGraphModel

export function isOpenGraph(open: AnyOpenModel): open is OpenGraphModel {
  return isGraphModel(open.model)
}

/**
 * Opens a model as `openModel` does, or by its own graph where it is in ONNX and of an architecture that is not known.
 *
 * @throws EngineError as `openModel` and `openGraphModel`
 */
export function openAnyModel(path: string, date: Date, hashes: KnownHashes | null = null): AnyOpenModel {
  return runsByGraph(path) ? openGraphModel(path, date, hashes) : openModel(path, date, hashes)
}

/** Whether a model is in ONNX, and not of an architecture that this version knows. */
export function runsByGraph(path: string): boolean {
  if (!isOnnxModel(path)) return false
  try {
    openOnnxModel(path).source.close()
    return false
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code === 'model-unsupported') return true
    throw thrown
  }
}

/**
 * Opens a model by its graph, whatever its architecture: a language model with the tokenizer, template and configuration beside it,
 * anything else without.
 *
 * @param path its folder, or the graph in it
 * @throws EngineError `file-unreadable`, `model-malformed`, `model-unsupported`, `template-invalid`
 */
export function openGraphModel(path: string, date: Date, hashes: KnownHashes | null = null): OpenGraphModel {
  const { model, metadata } = readGraphModel(path)
  try {
    const identity = identityOf(path, model.onnx, hashes)
    if (isTensorGraph(model)) return { model, tokenizer: tensorTokenizer, chat: null, ...identity }
    const tokenizer = createTokenizer(metadata, path)
    const hasTemplate = metadata.has('tokenizer.chat_template')
    const chat = hasTemplate ? createChatTemplate(metadata, tokenizer, date) : null
    return { model, tokenizer, chat, ...identity }
  } catch (thrown) {
    model.close()
    throw thrown
  }
}

/** What a graph and the files beside it say, without its numbers. Throws as `openGraphModel`. */
export function readGraphModel(path: string): {
  readonly model: GraphModel
  readonly metadata: GgufFile['metadata']
} {
  const onnx = openOnnx(graphFileOf(path) ?? path)
  try {
    for (const { name, place } of onnx.graph.tensors.values()) if (place.kind === 'beside') onnx.place(name)
    const model = isTokenGraph(onnx) ? describeTokenGraph(path, onnx) : describeTensorGraph(path, onnx)
    const { vocabularySize } = model.description
    const hasText = vocabularySize !== null
    return { model, metadata: hasText ? readFolderTokenizer(model.textFolder, vocabularySize) : new Map() }
  } catch (thrown) {
    onnx.close()
    throw thrown
  }
}

/** The model of an open graph, which is closed with it. Throws as `openGraphModel`. */
function describeTokenGraph(path: string, onnx: OpenOnnx): GraphModel {
  const textFolder = textFolderOf(onnx.path)
  const { contextLength, modelType, ...config } = readGraphConfig(textFolder)
  const tokenGraph = readTokenGraph(onnx, config.headWidth)
  const vocabularySize = tokenGraph.vocabularySize ?? config.vocabularySize
  if (vocabularySize === null) {
    throw malformedOnnx(
      path,
      "output 'logits'",
      'expected the size of the vocabulary, or vocab_size in config.json',
    )
  }
  return {
    ...{ path, onnx, textFolder, tokenGraph, modelType },
    scales: graphScales(onnx),
    description: { layerCount: 1, contextLength, vocabularySize, width: null },
    close: () => onnx.close(),
  }
}

/** As `describeTokenGraph`, of a graph that reads no text. */
function describeTensorGraph(path: string, onnx: OpenOnnx): GraphModel {
  const textFolder = textFolderOf(onnx.path)
  return {
    ...{ path, onnx, textFolder, modelType: null, tensorGraph: readTensorGraph(onnx) },
    scales: graphScales(onnx),
    description: { layerCount: 1, contextLength: Infinity, vocabularySize: null, width: null },
    close: () => onnx.close(),
  }
}

/** The hash and length of the graph's file and those with its data, one after the other. */
function identityOf(
  path: string,
  onnx: OpenOnnx,
  hashes: KnownHashes | null,
): Pick<OpenGraphModel, 'sha256' | 'byteLength'> {
  const pieces = onnx.sources.map((source) => pieceOf(source, 0, source.byteLength))
  const whole = joinedSource(path, pieces, onnx.sources)
  const known = hashes?.find(whole) ?? null
  const sha256 = known ?? hashModel(whole)
  if (known === null) hashes?.keep(whole, sha256)
  return { sha256, byteLength: whole.byteLength }
}
