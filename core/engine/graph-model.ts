import { realpathSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { OpenOnnx, PlacedOnnxTensor } from '../formats/onnx/open-onnx.js'
import { promotedInput, rewriteOnnx } from '../formats/onnx/rewrite-onnx.js'
import type { GraphEnd } from '../graph/graph-end.js'
import type { TensorGraph } from '../model/onnx/tensor-graph.js'
import type { TokenGraph } from '../model/onnx/token-graph.js'
import { trainableScales } from '../model/onnx/trainable-scales.js'
import { readFloats } from '../quantization/read-floats.js'
import type { Device, Session, Tensors } from '../runtime/device.js'
import type { LoadedModel } from './loaded-model.js'
import { float32Tensor } from './matrix-tensors.js'

/** Block scales of a graph, which become an input of it. */
export interface GraphScales {
  /** In the graph. */
  readonly name: string
  /** Of the input, in float32. */
  readonly input: string
  readonly tensor: PlacedOnnxTensor
  readonly shape: readonly number[]
  /** Of the matrix that they are scales of, or of the scales themselves. */
  readonly rows: number
  /** As the file has them; in memory from the moment they are first asked for. */
  readonly initial: Float32Array
}

/** What models that run by their own graph have in common. All of such a model is one layer; its scales are trained. */
interface AnyGraphModel {
  /** As it was named. */
  readonly path: string
  readonly onnx: OpenOnnx
  /** Of its tokenizer and configuration. */
  readonly textFolder: string
  /** Of the operators of 4 bits, and of others of few bits with blocks. */
  readonly scales: readonly GraphScales[]
  readonly modelType: string | null
  readonly description: {
    readonly layerCount: 1
    /** Infinity for what reads no text. */
    readonly contextLength: number
    /** Null for what reads no text. */
    readonly vocabularySize: number | null
    /** Nothing that enters a layer can be kept. */
    readonly width: null
  }
  close(): void
}

/** A language model of whatever architecture that runs by its own graph. */
export interface TokenGraphModel extends AnyGraphModel {
  readonly tokenGraph: TokenGraph
}

/** Whatever else runs by its own graph, such as a diffusion transformer. */
export interface TensorGraphModel extends AnyGraphModel {
  readonly tensorGraph: TensorGraph
}

/** What runs by its own graph. */
export type GraphModel = TokenGraphModel | TensorGraphModel

/** What can be trained: blocks of a known architecture, or a graph as it is. */
export type TrainableModel = LoadedModel | GraphModel

export function isGraphModel(model: TrainableModel): model is GraphModel {
  return 'tokenGraph' in model || isTensorGraph(model)
}

/** Whether a model reads and writes tensors of whatever meaning, and no text. */
export function isTensorGraph(model: TrainableModel): model is TensorGraphModel {
  return 'tensorGraph' in model
}

/** The scales of a graph. Their numbers are read when they are first asked for. Throws as `OpenOnnx.place`. */
export function graphScales(onnx: OpenOnnx): GraphScales[] {
  return trainableScales(onnx).map(({ tensor: { name, dtype, shape }, rows }) => {
    const tensor = onnx.place(name)
    let initial: Float32Array | null = null
    return {
      ...{ name, tensor, shape, rows },
      input: promotedInput({ name, dtype }),
      get initial() {
        return (initial ??= readFloats(tensor.source, { ...tensor, type: dtype }))
      },
    }
  })
}

/**
 * Opens a graph with its scales as inputs and another end in place of its outputs, such as a loss. Its other weights are taken from
 * where they are.
 *
 * Activations stay floats (`accuracy_level` 1): rounding them to 8 bits is wrong where scales are inputs.
 *
 * @throws EngineError `runtime-failed`
 */
export function openGraphEnd({ onnx, scales }: GraphModel, end: GraphEnd, device: Device): Promise<Session> {
  // A hub's cache has links to files in one other folder, out of which the runtime follows none.
  const folder = dirname(realpathSync(onnx.path))
  const graph = rewriteOnnx(onnx.sources[0], {
    promoted: scales.map(({ tensor }) => tensor),
    attribute: { operator: 'MatMulNBits', name: 'accuracy_level', value: 1 },
    added: { node: [...end.nodes], input: [...end.inputs] },
    locationOf: (location) => {
      const path = location === null ? onnx.path : join(dirname(onnx.path), location)
      return relative(folder, realpathSync(path)).replaceAll('\\', '/')
    },
    outputs: end.outputs,
  })
  return device.open(graph, { dataFolder: folder })
}

/** The scales of a graph as its file has them, as its inputs. */
export function initialScales({ scales }: GraphModel): Tensors {
  return Object.fromEntries(
    scales.map(({ input, shape, initial }) => [input, float32Tensor(initial, [...shape])]),
  )
}
