import * as ort from 'onnxruntime-node'
import { availableParallelism } from 'node:os'
import { EngineError } from '../schema/engine-error.js'
import type { Device, Session, Tensor, Tensors } from './device.js'

export interface OrtDeviceOptions {
  /** Threads of one operator; by default what the machine offers. */
  readonly threads?: number
}

/** The CPU through onnxruntime. The only door to onnxruntime-node. */
export function openCpuDevice({ threads = availableParallelism() }: OrtDeviceOptions = {}): Device {
  return {
    name: 'cpu',
    threads,
    async open(graph) {
      // An arena keeps the largest batch's memory for ever, and a memory pattern a plan for each shape: without them
      // the peak of training SmolLM2 is a third lower at the same speed.
      const options: ort.InferenceSession.SessionOptions = {
        executionProviders: ['cpu'],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        enableCpuMemArena: false,
        enableMemPattern: false,
        logSeverityLevel: 3,
      }
      const session = await asRuntimeFailure('open a graph', () =>
        typeof graph === 'string'
          ? ort.InferenceSession.create(graph, options)
          : ort.InferenceSession.create(graph, options),
      )
      return sessionOver(session)
    },
  }
}

function sessionOver(session: ort.InferenceSession): Session {
  return {
    async run(inputs, outputs) {
      await asRuntimeFailure('run a graph', () => session.run(ortTensors(inputs), ortTensors(outputs)))
    },
    close: () => session.release(),
  }
}

function ortTensors(tensors: Tensors): Record<string, ort.Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, ortTensor(tensor)]))
}

function ortTensor({ type, data, shape }: Tensor): ort.Tensor {
  return new ort.Tensor(type as 'float32', data as Float32Array, shape)
}

async function asRuntimeFailure<T>(operation: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new EngineError('runtime-failed', { operation }, `onnxruntime could not ${operation}: ${reason}`, {
      cause: thrown,
    })
  }
}
