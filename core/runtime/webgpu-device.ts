import { availableParallelism } from 'node:os'
import type * as Ort from 'onnxruntime-node'
import { EngineError } from '../schema/engine-error.js'
import type {
  Device,
  DeviceTensor,
  PlacedTensor,
  PlacedTensors,
  Session,
  SessionOptions,
  Tensor,
  Tensors,
  TensorType,
} from './device.js'
import { GpuTensor } from './gpu-tensor.js'
import { bufferFreer } from './free-buffer.js'
import { asRuntimeFailure, loadRuntime } from './load-runtime.js'
import { ortTensors } from './ort-tensors.js'
import { deviceProblem } from '../schema/device-problems.js'

export interface WebGpuDeviceOptions {
  /** Threads of what is left to the CPU; by default what the machine offers. */
  readonly threads?: number
  /** Makes a graph one of operators that this provider has. */
  readonly lower: (graph: Uint8Array) => Uint8Array
  /** The graph of y = x, from `x` to `y`. */
  readonly identity: (type: TensorType) => Uint8Array
}

/**
 * A GPU through onnxruntime's WebGPU provider. Tensors stay in its memory; to read one is to run a graph whose output lies
 * here, because the binding ends the process when it is asked for the data of a tensor there.
 *
 * The provider keeps its GPU and a cache of memory for as long as a session is open. Those that move tensors are closed with
 * the last other session and tensor, so that a device that nothing uses holds nothing.
 */
export class WebGpuDevice implements Device {
  readonly name = 'webgpu'
  readonly hasMemory = true
  readonly threads: number
  readonly #options: WebGpuDeviceOptions
  readonly #free = bufferFreer()
  readonly #movers = new Map<string, Promise<Ort.InferenceSession>>()
  #uses = 0

  constructor(options: WebGpuDeviceOptions) {
    this.#options = options
    this.threads = options.threads ?? availableParallelism()
  }

  async open(
    graph: Uint8Array | string,
    { stays = [], mayFail = false, dataFolder }: SessionOptions = {},
  ): Promise<Session> {
    if (typeof graph === 'string' || dataFolder !== undefined) {
      const feature = 'a graph from a file on webgpu'
      throw new EngineError('not-available', { feature }, `not available: ${feature}; use --device cpu`)
    }
    const session = await this.#create(
      this.#options.lower(graph),
      Object.fromEntries(stays.map((name) => [name, 'gpu-buffer'])),
      mayFail,
    )
    this.#uses++
    return {
      run: (inputs, outputs) => this.#run(session, inputs, outputs, stays),
      close: async () => {
        await session.release()
        await this.#endUse()
      },
    }
  }

  async upload(tensor: Tensor): Promise<DeviceTensor> {
    const session = await this.#mover(tensor.type, 'gpu-buffer')
    const { y } = await this.#run(session, { x: tensor }, { y: tensor }, ['y'])
    return y as DeviceTensor
  }

  async read(tensor: PlacedTensor, memory: (length: number) => Float32Array): Promise<Float32Array> {
    if (tensor.data instanceof Float32Array) return tensor.data
    if (tensor.type !== 'float32') throw new Error('only float32 tensors are read')
    const data = memory(tensor.shape.reduce((product, size) => product * size, 1))
    const session = await this.#mover('float32', 'cpu')
    await this.#run(session, { x: tensor }, { y: { type: 'float32', data, shape: tensor.shape } }, [])
    return data
  }

  async #run(
    session: Ort.InferenceSession,
    inputs: PlacedTensors,
    outputs: Tensors,
    stays: readonly string[],
  ): Promise<PlacedTensors> {
    const ort = await loadRuntime()
    const feeds = ortTensors(ort, inputs)
    // Where any output stays, the binding takes no memory for the others and gives them in its own.
    const hasStaying = stays.length > 0
    const results = await asRuntimeFailure(deviceProblem('running-failed'), 'webgpu', () =>
      hasStaying ? session.run(feeds, Object.keys(outputs)) : session.run(feeds, ortTensors(ort, outputs)),
    )
    return Object.fromEntries(
      Object.entries(results).map(([name, result]): [string, PlacedTensor] => {
        if (result.location === 'gpu-buffer') return [name, this.#hold(result)]
        const { buffer, byteOffset, byteLength } = result.data as Float32Array
        const target = outputs[name].data
        if (hasStaying) bytesOf(target).set(new Uint8Array(buffer, byteOffset, byteLength))
        if (buffer !== target.buffer) this.#free(buffer as ArrayBuffer)
        return [name, outputs[name]]
      }),
    )
  }

  async #create(
    graph: Uint8Array,
    preferredOutputLocation: Record<string, 'gpu-buffer' | 'cpu'>,
    mayFail = false,
  ): Promise<Ort.InferenceSession> {
    const ort = await loadRuntime()
    const options: Ort.InferenceSession.SessionOptions = {
      executionProviders: ['webgpu'],
      intraOpNumThreads: this.threads,
      interOpNumThreads: 1,
      enableCpuMemArena: false,
      enableMemPattern: false,
      logSeverityLevel: mayFail ? 4 : 3,
      ...(Object.keys(preferredOutputLocation).length > 0 && { preferredOutputLocation }),
    }
    return asRuntimeFailure(deviceProblem('opening-failed'), 'webgpu', () =>
      ort.InferenceSession.create(graph, options),
    )
  }

  /** A session that takes tensors of a type from anywhere to `location`. */
  #mover(type: TensorType, location: 'gpu-buffer' | 'cpu'): Promise<Ort.InferenceSession> {
    const key = `${type}:${location}`
    const known = this.#movers.get(key)
    if (known !== undefined) return known
    const opened = this.#create(this.#options.identity(type), location === 'cpu' ? {} : { y: location })
    this.#movers.set(key, opened)
    return opened
  }

  #hold(tensor: Ort.Tensor): GpuTensor {
    this.#uses++
    return new GpuTensor(tensor, () => void this.#endUse())
  }

  async #endUse(): Promise<void> {
    this.#uses--
    if (this.#uses > 0) return
    const movers = [...this.#movers.values()]
    this.#movers.clear()
    for (const mover of movers) await (await mover).release()
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Tensor['data']): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
