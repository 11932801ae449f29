/** The values of rows that were read lately, each at the one place that its number has. */
export class RecentRows {
  readonly #width: number
  readonly #tokens: Int32Array
  readonly #values: Float32Array

  constructor(width: number, byteLength: number) {
    const places = Math.max(1, Math.floor(byteLength / (Float32Array.BYTES_PER_ELEMENT * width)))
    this.#width = width
    this.#tokens = new Int32Array(places).fill(-1)
    this.#values = new Float32Array(places * width)
  }

  /** The row of a token, where it was kept and no other took its place since. */
  find(token: number): Float32Array | null {
    const place = token % this.#tokens.length
    return this.#tokens[place] === token ? this.#at(place) : null
  }

  keep(token: number, values: Float32Array): void {
    const place = token % this.#tokens.length
    this.#tokens[place] = token
    this.#at(place).set(values)
  }

  #at(place: number): Float32Array {
    return this.#values.subarray(place * this.#width, (place + 1) * this.#width)
  }
}
