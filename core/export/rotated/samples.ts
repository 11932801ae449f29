/** Vectors that a rotation is learned from, and others that it is judged by, shape [count, width] each. */
export interface SplitSamples {
  readonly learned: Float32Array
  readonly judged: Float32Array
}

/** Of so many samples one is for judging. */
const judgedEvery = 5

/** Collects vectors, each made as long as √width, so that its mean square is 1. */
export class Samples {
  readonly #width: number
  readonly #learned: Float32Array[] = []
  readonly #judged: Float32Array[] = []
  #count = 0

  constructor(width: number) {
    this.#width = width
  }

  /** Adds a vector, copied; one of zeros says nothing. */
  add(values: Float32Array): void {
    let squares = 0
    for (const value of values) squares += value * value
    if (squares === 0) return
    const scale = Math.sqrt(this.#width / squares)
    const place = this.#count++ % judgedEvery === judgedEvery - 1 ? this.#judged : this.#learned
    place.push(values.map((value) => value * scale))
  }

  /** All of them. */
  split(): SplitSamples {
    return { learned: joined(this.#learned, this.#width), judged: joined(this.#judged, this.#width) }
  }
}

function joined(vectors: readonly Float32Array[], width: number): Float32Array {
  const all = new Float32Array(vectors.length * width)
  vectors.forEach((vector, index) => all.set(vector, index * width))
  return all
}

/** Whether a token is one of `count` that are evenly spread over `total`. */
export function isAmong(token: number, count: number, total: number): boolean {
  return Math.floor(((token + 1) * count) / total) > Math.floor((token * count) / total)
}
