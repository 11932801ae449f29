/** Where a step stands. */
export interface TensorStep {
  /** Steps that this tensor has taken before. */
  readonly step: number
  /** Of this step, schedule included. */
  readonly learningRate: number
}

/** Moves one trained tensor along its gradient. Owns that tensor's optimizer state. */
export interface TensorRule {
  /** Live views of everything that makes up its state; `save` is a copy of them in a row. */
  readonly parts: readonly Uint8Array[]

  /** Bytes of state it holds. */
  readonly stateByteLength: number

  /**
   * One step, in place. Deterministic: equal values, gradients, state and step give equal bits.
   *
   * @param gradient same length as `values`, finite; what it holds afterwards means nothing
   */
  update(values: Float32Array, gradient: Float32Array, step: TensorStep): void

  /** A copy of the state, equal for equal states, in this machine's byte order. */
  save(): Uint8Array

  /**
   * Takes back what `save` gave; every later step then has the same bits as without.
   *
   * @throws EngineError `request-invalid` for a state of another size
   */
  load(bytes: Uint8Array): void
}
