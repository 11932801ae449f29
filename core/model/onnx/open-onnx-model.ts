import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { GgufValue } from '../../formats/gguf/gguf-file.js'
import type { OpenGguf } from '../../formats/gguf/open-gguf.js'
import { joinedSource, pieceOfNumbers } from '../../formats/joined-source.js'
import { openOnnx, type OpenOnnx } from '../../formats/onnx/open-onnx.js'
import { malformedOnnx } from '../../formats/onnx/read-onnx.js'
import { modelProblem } from '../../schema/model-problems.js'
import { readVector } from '../../quantization/read-vector.js'
import { TensorAssembly } from '../hugging-face/tensor-assembly.js'
import { unpackedPiece, UnpackedRows } from '../unpacked-rows.js'
import { describeGenaiGraph, type DescribedGraph } from './describe-genai-graph.js'
import { describeOwnGraph, ownMetadataFile } from './describe-own-graph.js'
import { genaiConfigFile, readGenaiConfig } from './genai-config.js'
import { graphFileOf } from './graph-file.js'
import { unsupportedOnnx } from './onnx-errors.js'
import type { GraphParts, VectorPart } from './graph-parts.js'
import { typeOfMatrix } from './stored-matrix.js'
import { storedRows } from './stored-rows.js'

/** An open model in ONNX, as if it were a GGUF file, and where its tensors are in the graph. */
export interface OpenOnnxModel extends OpenGguf {
  readonly graph: OpenOnnx
  readonly parts: GraphParts
}

/** Whether a path is that of a model in ONNX: of its folder, or of the graph in it. */
export function isOnnxModel(path: string): boolean {
  return existsSync(join(path, genaiConfigFile)) || graphFileOf(path) !== null
}

/**
 * Opens a model in ONNX (a graph with its data, genai_config.json, and tokenizer.json or what we wrote in its place) as if it were a
 * GGUF file: names, metadata and the order of rows are GGUF's; matrices are laid out in integer blocks when they are read, with the
 * same codes, scales and zero points.
 *
 * @param path its folder, or the graph in it
 * @throws EngineError `file-unreadable`, `model-malformed`, `model-unsupported`
 */
export function openOnnxModel(path: string): OpenOnnxModel {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  const folder = isFolder ? path : dirname(path)
  if (!existsSync(join(folder, genaiConfigFile))) {
    const others = 'training, evaluation and export by the graph itself (zerotune train, eval and export)'
    throw unsupportedOnnx(path, modelProblem('no-genai-config'), others)
  }
  const genai = readGenaiConfig(folder)
  const graph = openOnnx(isFolder ? join(folder, genai.decoder.filename) : path)
  try {
    const isOwn = existsSync(join(folder, ownMetadataFile))
    const described = isOwn
      ? describeOwnGraph(graph, folder, genai)
      : describeGenaiGraph(graph, folder, genai)
    return assemble(path, graph, described)
  } catch (thrown) {
    graph.close()
    throw thrown
  }
}

function assemble(path: string, graph: OpenOnnx, { metadata, parts, made }: DescribedGraph): OpenOnnxModel {
  const assembly = new TensorAssembly()
  const unpacked = new UnpackedRows()
  for (const { name, matrix, firstRow, rows, order } of parts.matrices) {
    const tensor = { name, type: typeOfMatrix(matrix), shape: [rows, matrix.columns] }
    assembly.add(tensor, unpackedPiece(storedRows(matrix, firstRow, rows), order, unpacked))
  }
  const vectors = parts.vectors.map((part) => [part.name, readPart(graph, part)] as const)
  for (const [name, values] of [...vectors, ...made]) {
    assembly.add({ name, type: 'F32', shape: [values.length] }, pieceOfNumbers(values))
  }
  const source = joinedSource(path, assembly.pieces, graph.sources)
  const name: GgufValue = { type: 'string', value: basename(resolve(path)) }
  const file = {
    path,
    version: 3 as const,
    alignment: 32,
    metadata: new Map([['general.name', name], ...metadata]),
    tensors: assembly.tensors,
    dataOffset: 0,
    byteLength: source.byteLength,
    readFrom: 'onnx' as const,
  }
  return { source, file, isOneFile: false, graph, parts }
}

/** Far above any norm's width and any number of heads. */
const mostVectorLength = 2 ** 24

function readPart({ path }: OpenOnnx, { tensor, first, length, indexBefore }: VectorPart): Float32Array {
  if (tensor.shape.length !== 1 || tensor.shape[0] > mostVectorLength) {
    const reason = `expected a vector, found shape [${tensor.shape.join(', ')}]`
    throw malformedOnnx(path, `tensor '${tensor.name}'`, reason)
  }
  const whole = readVector(tensor.source, { ...tensor, type: tensor.dtype })
  return Float32Array.from({ length }, (_, index) => whole[first + indexBefore(index)])
}
