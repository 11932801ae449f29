import { realpathSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { OpenOnnx, PlacedOnnxTensor } from '../formats/onnx/open-onnx.js'
import { promotedInput, rewriteOnnx } from '../formats/onnx/rewrite-onnx.js'
import { tokenLoss } from '../graph/token-loss.js'
import type { TokenGraph } from '../model/onnx/token-graph.js'
import { trainableScales } from '../model/onnx/trainable-scales.js'
import { readFloats } from '../quantization/read-floats.js'
import type { Device, Session } from '../runtime/device.js'
import type { LoadedModel } from './loaded-model.js'

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

/** A language model of whatever architecture that runs by its own graph. All of it is one layer; its scales are trained. */
export interface GraphModel {
  /** As it was named. */
  readonly path: string
  readonly onnx: OpenOnnx
  /** Of its tokenizer and configuration. */
  readonly textFolder: string
  readonly tokenGraph: TokenGraph
  /** Of the operators of 4 bits, and of others of few bits with blocks. */
  readonly scales: readonly GraphScales[]
  readonly modelType: string | null
  readonly description: {
    readonly layerCount: 1
    readonly contextLength: number
    readonly vocabularySize: number
    /** Nothing that enters a layer can be kept. */
    readonly width: null
  }
  close(): void
}

/** What can be trained: blocks of a known architecture, or a graph as it is. */
export type TrainableModel = LoadedModel | GraphModel

export function isGraphModel(model: TrainableModel): model is GraphModel {
  return 'tokenGraph' in model
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
 * Opens a graph with its scales as inputs and a loss in place of its outputs (`tokenLossNames`). Its other weights are taken from
 * where they are.
 *
 * Activations stay floats (`accuracy_level` 1): rounding them to 8 bits is wrong where scales are inputs.
 *
 * @throws EngineError `runtime-failed`
 */
export function openTokenLoss({ onnx, tokenGraph, scales }: GraphModel, device: Device): Promise<Session> {
  const { nodes, inputs, outputs } = tokenLoss(tokenGraph.logits)
  // A hub's cache has links to files in one other folder, out of which the runtime follows none.
  const folder = dirname(realpathSync(onnx.path))
  const graph = rewriteOnnx(onnx.sources[0], {
    promoted: scales.map(({ tensor }) => tensor),
    attribute: { operator: 'MatMulNBits', name: 'accuracy_level', value: 1 },
    added: { node: [...nodes], input: [...inputs] },
    locationOf: (location) => {
      const path = location === null ? onnx.path : join(dirname(onnx.path), location)
      return relative(folder, realpathSync(path)).replaceAll('\\', '/')
    },
    outputs,
  })
  return device.open(graph, { dataFolder: folder })
}
