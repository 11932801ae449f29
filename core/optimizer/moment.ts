/** Elements that a rule handles at a time; whole blocks of every code. */
export const momentChunk = 1024

/** A running mean that a rule keeps for every element of a tensor, stored in floats or in fewer bits. */
export interface Moment {
  /** Live views of everything that makes up its state. */
  readonly parts: readonly Uint8Array[]

  /** Elements start … start + count − 1, for reading and changing until `write`. `start` is a multiple of the chunk. */
  read(start: number, count: number): Float32Array

  /** Keeps what the array of the last `read` holds now. */
  write(step: number): void
}
