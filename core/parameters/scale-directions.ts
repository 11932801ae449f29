import type { ScaleArray } from './scale-arrays.js'

/** Which of the directions: of a step's seed, and of a lane. */
export interface DirectionDraw {
  readonly seed: number
  readonly lane: number
  /** Seed of what the directions of several steps have in common. */
  readonly basis: number
}

/** The scales of a tensor as its directions need them. */
export interface DirectedScales {
  /** The name that addresses its directions. */
  readonly name: string
  /** Rows and blocks of columns. */
  readonly shape: readonly [rows: number, blocks: number]
  readonly array: ScaleArray
  /** Of the memory that a probe of it lies in. */
  readonly probedIndex: number
}

/**
 * How the scales of one tensor go along directions z, whose numbers have a mean square of 1. Units are of log-scales: whole
 * numbers.
 */
export interface ScaleDirections {
  /** S · exp(units · 2^−20 · z), in memory that the next probe of a linear of this kind uses again. */
  probe(draw: DirectionDraw, units: number): Float32Array
  /** s ← s + units · z, each to the nearest whole number; against the same units, exactly back. */
  move(draw: DirectionDraw, units: number): void
}
