import type { DeviceName } from '../schema/device-name.js'

/** Element types that cross the border to the runtime, with the arrays that hold them. Halves travel as raw uint16. */
export interface TensorArrays {
  readonly float32: Float32Array
  readonly float16: Uint16Array
  readonly uint8: Uint8Array
  readonly int32: Int32Array
  readonly int64: BigInt64Array
}
export type TensorType = keyof TensorArrays

/** A tensor that a session takes or gives. `data` is the caller's own array: nothing is copied on the CPU. */
export interface Tensor<T extends TensorType = TensorType> {
  readonly type: T
  readonly shape: readonly number[]
  readonly data: TensorArrays[T]
}

export type Tensors = Readonly<Record<string, Tensor>>

/** A tensor in a device's own memory. Whoever holds it frees it, once. */
export interface DeviceTensor {
  readonly type: TensorType
  readonly shape: readonly number[]
  readonly data: null
  free(): void
}

/** A tensor wherever it lies: in an array, or in the memory of the device that made it. */
export type PlacedTensor = Tensor | DeviceTensor

export type PlacedTensors = Readonly<Record<string, PlacedTensor>>

/** A graph that is ready to run. */
export interface Session {
  /**
   * Runs the graph once. Outputs are written into the given tensors, whose shapes must be exact, and returned. Those that
   * stay on the device come back as tensors there, and the arrays given for them are not touched.
   *
   * @throws EngineError 'runtime-failed', 'device-lost'
   */
  run(inputs: PlacedTensors, outputs: Tensors): Promise<PlacedTensors>
  close(): Promise<void>
}

export interface SessionOptions {
  /** Outputs that stay in the device's memory, where it has some; none unless said. */
  readonly stays?: readonly string[]
  /** Whether to run it is a question, whose answer may be a failure: the runtime then prints nothing of that. */
  readonly mayFail?: boolean
  /** Where the data of a graph given as bytes is, if not all of it in them. */
  readonly dataFolder?: string
}

/** Where graphs run. */
export interface Device {
  readonly name: DeviceName
  readonly threads: number
  /** Whether it keeps tensors in memory of its own. Where not, placed tensors are plain ones, and moving them is free. */
  readonly hasMemory: boolean
  /** Layers 0 … `end` − 1 of a model, which run elsewhere because its memory does not hold all; none where it is left out. */
  readonly lowerLayers?: { readonly device: Device; readonly end: number }
  /**
   * Opens a graph given as the bytes of an ONNX file, or as the path of one.
   *
   * @throws EngineError 'runtime-failed', 'device-unavailable'
   */
  open(graph: Uint8Array | string, options?: SessionOptions): Promise<Session>
  /** Copies a tensor into the device's memory; gives it back as it is where there is none. */
  upload(tensor: Tensor): Promise<PlacedTensor>
  /**
   * The numbers of a float32 tensor: its own array, or a copy in what `memory` gives.
   *
   * @param memory an array of the given length
   */
  read(tensor: PlacedTensor, memory: (length: number) => Float32Array): Promise<Float32Array>
}

/** Frees a tensor's memory where it lies on a device. */
export function freeTensor(tensor: PlacedTensor): void {
  if (tensor.data === null) tensor.free()
}
