import { availableParallelism } from 'node:os'
import type * as Ort from 'onnxruntime-node'
import { watchCoreSharing } from './core-sharing.js'
import { bufferFreer } from './free-buffer.js'
import type { DeviceName } from '../schema/device-name.js'
import type { Device, PlacedTensor, PlacedTensors, Session, Tensors } from './device.js'
import { asRuntimeFailure, loadRuntime } from './load-runtime.js'
import { ortTensors } from './ort-tensors.js'
import { sharingSession, type OrtSession } from './sharing-session.js'
import { deviceProblem } from '../schema/device-problems.js'

export interface OrtDeviceOptions {
  /** Threads of one operator; by default what the machine offers. */
  readonly threads?: number
}

/** The CPU through onnxruntime. */
export function openCpuDevice(options: OrtDeviceOptions = {}): Device {
  return openHostDevice('cpu', options)
}

/**
 * A provider of onnxruntime over tensors in our memory. On the CPU nothing is copied. CUDA and DirectML copy what a graph
 * takes and gives, because the binding keeps tensors in a device's memory for WebGPU only; what they lack, the CPU computes.
 */
export function openHostDevice(
  name: Exclude<DeviceName, 'webgpu'>,
  { threads = availableParallelism() }: OrtDeviceOptions = {},
): Device {
  const sharing = watchCoreSharing(threads)
  return {
    name,
    threads,
    hasMemory: false,
    async open(graph, { dataFolder = null } = {}) {
      const ort = await loadRuntime()
      const optionsOf = (spins: boolean) => sessionOptions(name, threads, spins, dataFolder)
      const spinning = await create(ort, graph, optionsOf(true))
      const openSleeping = dataFolder === null ? reopening(ort, graph, optionsOf(false)) : null
      return sessionOver(ort, name, sharingSession(spinning, openSleeping, sharing))
    },
    upload: (tensor) => Promise.resolve(tensor),
    read: (tensor) => Promise.resolve(dataOf(tensor)),
  }
}

/** Graphs of more bytes bring weights. */
const reopenedBytes = 4 * 2 ** 20

/** Opens a graph again; null for one that brings weights, which are not to be kept, nor held twice. */
function reopening(
  ort: typeof Ort,
  graph: string | Uint8Array,
  options: HostSessionOptions,
): (() => Promise<OrtSession>) | null {
  if (typeof graph === 'string' || graph.byteLength > reopenedBytes) return null
  return () => create(ort, graph, options)
}

function create(
  ort: typeof Ort,
  graph: string | Uint8Array,
  options: HostSessionOptions,
): Promise<Ort.InferenceSession> {
  return asRuntimeFailure(deviceProblem('opening-failed'), options.executionProviders[0], () =>
    typeof graph === 'string'
      ? ort.InferenceSession.create(graph, options)
      : ort.InferenceSession.create(graph, options),
  )
}

type HostSessionOptions = Ort.InferenceSession.SessionOptions & {
  readonly executionProviders: readonly [Exclude<DeviceName, 'webgpu'>]
}

function sessionOptions(
  name: Exclude<DeviceName, 'webgpu'>,
  threads: number,
  spins: boolean,
  dataFolder: string | null,
): HostSessionOptions {
  return {
    executionProviders: [name],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // An arena keeps the largest batch's memory for ever, and a memory pattern a plan for each shape: without them
    // the peak of training SmolLM2 is a third lower at the same speed.
    enableCpuMemArena: false,
    enableMemPattern: false,
    logSeverityLevel: 3,
    // Each session has threads of its own: those of one that is done would spin on beside those of the next.
    extra: {
      session: {
        force_spinning_stop: '1',
        intra_op: { allow_spinning: spins ? '1' : '0' },
        ...(dataFolder !== null && { model_external_initializers_file_folder_path: dataFolder }),
      },
    },
  }
}

function sessionOver(ort: typeof Ort, device: DeviceName, session: OrtSession): Session {
  const free = bufferFreer()
  return {
    async run(inputs: PlacedTensors, outputs: Tensors) {
      const results = await asRuntimeFailure(deviceProblem('running-failed'), device, () =>
        session.run(ortTensors(ort, inputs), ortTensors(ort, outputs)),
      )
      // The binding returns a copy of each output beside the one it wrote into our memory.
      for (const [name, { data }] of Object.entries(results)) {
        if (ArrayBuffer.isView(data) && data.buffer !== outputs[name].data.buffer)
          free(data.buffer as ArrayBuffer)
      }
      return outputs
    },
    close: () => session.release(),
  }
}

function dataOf({ data }: PlacedTensor): Float32Array {
  if (data instanceof Float32Array) return data
  throw new Error('only float32 tensors are read, from the device that has them')
}
