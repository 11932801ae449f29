import type { TensorSigns } from '../random/tensor-signs.js'

/** Fraction bits of a log-scale: one unit is 2^−20, about a millionth. */
const fractionBits = 20
const unit = 2 ** -fractionBits

/** A log-scale as whole units. */
export function toUnits(logScale: number): number {
  return Math.round(logScale / unit)
}

/** exp(s · 2^−20) for a whole number s. */
export function expUnits(units: number): number {
  return Math.exp(units * unit)
}

/**
 * state += Σ over lanes of coefficients[lane] · z(seed, lane), with z in ±1.
 *
 * Whole numbers only, so the result is the same on every machine and in any order.
 */
export function moveAlongSigns(
  state: Int32Array,
  signs: TensorSigns,
  seed: number,
  coefficients: readonly number[],
): void {
  coefficients.forEach((coefficient, lane) => {
    if (coefficient !== 0) moveAlong(state, signs.words(seed, lane), coefficient)
  })
}

/** Multiplies, because a branch on random bits would be guessed wrong half of the time; four a turn take V8 half as long. */
function moveAlong(state: Int32Array, words: Uint32Array, coefficient: number): void {
  const twice = 2 * coefficient
  const whole = state.length & ~3
  for (let i = 0; i < whole; i += 4) {
    const bits = words[i >>> 5] >>> (i & 31)
    state[i] += twice * (bits & 1) - coefficient
    state[i + 1] += twice * ((bits >> 1) & 1) - coefficient
    state[i + 2] += twice * ((bits >> 2) & 1) - coefficient
    state[i + 3] += twice * ((bits >> 3) & 1) - coefficient
  }
  for (let i = whole; i < state.length; i++) {
    state[i] += twice * ((words[i >>> 5] >>> (i & 31)) & 1) - coefficient
  }
}

/** Several arrays as one run of bytes, in order. */
export function packStates(states: readonly (Int32Array | Float32Array)[]): Uint8Array {
  const total = states.reduce((sum, state) => sum + state.byteLength, 0)
  const bytes = new Uint8Array(total)
  let offset = 0
  for (const state of states) {
    bytes.set(new Uint8Array(state.buffer, state.byteOffset, state.byteLength), offset)
    offset += state.byteLength
  }
  return bytes
}

/** Fills `states` from what `packStates` made of arrays of the same lengths. */
export function unpackStates(bytes: Uint8Array, states: readonly (Int32Array | Float32Array)[]): void {
  let offset = 0
  for (const state of states) {
    new Uint8Array(state.buffer, state.byteOffset, state.byteLength).set(
      bytes.subarray(offset, offset + state.byteLength),
    )
    offset += state.byteLength
  }
}
