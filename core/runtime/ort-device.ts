import { availableParallelism } from 'node:os'
import type * as Ort from 'onnxruntime-node'
import { EngineError } from '../schema/engine-error.js'
import { bufferFreer } from './free-buffer.js'
import type { Device, Session, Tensors } from './device.js'

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
      const ort = await loadRuntime()
      // An arena keeps the largest batch's memory for ever, and a memory pattern a plan for each shape: without them
      // the peak of training SmolLM2 is a third lower at the same speed.
      const options: Ort.InferenceSession.SessionOptions = {
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
      return sessionOver(ort, session)
    },
  }
}

function sessionOver(ort: typeof Ort, session: Ort.InferenceSession): Session {
  const ortTensors = (tensors: Tensors): Record<string, Ort.Tensor> =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, { type, data, shape }]) => [
        name,
        new ort.Tensor(type as 'float32', data as Float32Array, shape),
      ]),
    )
  const free = bufferFreer()
  return {
    async run(inputs, outputs) {
      const results = await asRuntimeFailure('run a graph', () =>
        session.run(ortTensors(inputs), ortTensors(outputs)),
      )
      // The binding returns a copy of each output beside the one it wrote into our memory.
      for (const [name, { data }] of Object.entries(results)) {
        if (ArrayBuffer.isView(data) && data.buffer !== outputs[name].data.buffer)
          free(data.buffer as ArrayBuffer)
      }
    },
    close: () => session.release(),
  }
}

/**
 * Version of onnxruntime.
 *
 * @throws EngineError 'runtime-failed' where it cannot be loaded
 */
export async function runtimeVersion(): Promise<string> {
  const { env } = await loadRuntime()
  return env.versions.node ?? env.versions.common
}

/** Loaded when it is needed: a library that is missing or of another system is then reported, and by this error only. */
function loadRuntime(): Promise<typeof Ort> {
  return asRuntimeFailure('be loaded', () => import('onnxruntime-node'))
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
