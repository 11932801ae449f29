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

/** A graph that is ready to run. */
export interface Session {
  /**
   * Runs the graph once. Outputs are written into the given tensors, whose shapes must be exact.
   *
   * @throws EngineError 'runtime-failed'
   */
  run(inputs: Tensors, outputs: Tensors): Promise<void>
  close(): Promise<void>
}

/** Where graphs run. */
export interface Device {
  readonly name: 'cpu'
  readonly threads: number
  /** Opens a graph given as the bytes of an ONNX file, or as the path of one. */
  open(graph: Uint8Array | string): Promise<Session>
}
