import type { TrainedNumbers } from './trained-parameters.js'

/** Fraction bits of a log-scale: one unit is 2^−20, about a millionth. */
const fractionBits = 20
export const unitOfLogScale = 2 ** -fractionBits

/** A log-scale as whole units, to the nearest. */
export function toUnits(logScale: number): number {
  return Math.round(logScale / unitOfLogScale)
}

/** To the nearest whole number, halves away from 0: what is taken by −x is exactly what was taken by x. */
export function roundAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value))
}

/** exp(s · 2^−20) for a whole number s. */
export function expUnits(units: number): number {
  return Math.exp(units * unitOfLogScale)
}

/** Several arrays as one run of bytes, in order. */
export function packStates(states: readonly TrainedNumbers[]): Uint8Array {
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
export function unpackStates(bytes: Uint8Array, states: readonly TrainedNumbers[]): void {
  let offset = 0
  for (const state of states) {
    new Uint8Array(state.buffer, state.byteOffset, state.byteLength).set(
      bytes.subarray(offset, offset + state.byteLength),
    )
    offset += state.byteLength
  }
}
