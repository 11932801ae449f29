import { bytesSource, type ByteSource } from '../formats/byte-source.js'
import { linearNames, type LinearName } from '../model/description.js'
import type { Matrix } from '../quantization/matrix.js'
import { readMatrix } from '../quantization/read-matrix.js'
import { byLinear, type Linears, type StoredLinears } from './stored-block.js'

/** The bytes of a layer on their way from the file. */
interface ReadAhead {
  readonly layer: number
  readonly done: Promise<void>
}

/**
 * Reads layers that are not kept from the file, again each time they are needed, into one memory for all of them: the
 * bytes of the next one while this one computes, and then its matrices over those of this one.
 */
export class LayerReader {
  readonly #source: ByteSource
  readonly #layers: readonly StoredLinears[]
  #streamedCount = 0
  #firstOnDevice = Infinity
  #bytes = new Uint8Array(0)
  #ahead: ReadAhead | null = null
  #current: { readonly layer: number; readonly linears: Linears } | null = null

  constructor(source: ByteSource, layers: readonly StoredLinears[]) {
    this.#source = source
    this.#layers = layers
  }

  /** Reads layers 0 … `count` − 1 anew each time from now on, and lets go of what was kept of them. */
  streamBelow(count: number): void {
    this.#streamedCount = count
    for (const layer of this.#layers.slice(0, count)) layer.drop()
  }

  /** Reads layers `first` and on for a device that keeps them in memory of its own, and lets go of what was kept of them. */
  streamFrom(first: number): void {
    this.#firstOnDevice = first
    for (const layer of this.#layers.slice(first)) layer.drop()
  }

  /** Lets go of all that is kept: layers are read again when they are next needed. */
  letGo(): void {
    for (const layer of this.#layers) layer.drop()
  }

  isStreamed(layer: number): boolean {
    const isWanted = layer < this.#streamedCount || layer >= this.#firstOnDevice
    return isWanted && !this.#layers[layer].isKept()
  }

  /**
   * The linears of a streamed layer; valid until another is asked for.
   *
   * @param next the layer that will be needed after it, or null
   * @throws EngineError 'file-unreadable', and as `readMatrix`
   */
  async read(layer: number, next: number | null): Promise<Linears> {
    if (this.#current?.layer !== layer) {
      if (this.#ahead?.layer !== layer) {
        // The memory of one that was read ahead in vain is still being written to.
        await this.#ahead?.done.catch(() => undefined)
        this.#begin(layer)
      }
      await this.#ahead?.done
      this.#ahead = null
      this.#source.checkUnchanged()
      this.#current = { layer, linears: this.#decode(layer, this.#current?.linears ?? null) }
    }
    this.prepare(next)
    return this.#current.linears
  }

  /** Begins to read a layer that will be needed soon, if it is a streamed one. */
  prepare(next: number | null): void {
    if (next === null || !this.isStreamed(next) || next === this.#current?.layer) return
    if (this.#ahead === null) this.#begin(next)
  }

  #begin(layer: number): void {
    const { tensors } = this.#layers[layer]
    const total = linearNames.reduce((sum, name) => sum + tensors[name].byteLength, 0)
    if (this.#bytes.length < total) this.#bytes = new Uint8Array(total)
    const done = Promise.all(
      [...this.#places(layer)].map(([name, start]) => {
        const { offset, byteLength } = tensors[name]
        return this.#source.readAhead(offset, this.#bytes.subarray(start, start + byteLength))
      }),
    ).then(() => undefined)
    // What went wrong is told to whoever asks for the layer.
    done.catch(() => undefined)
    this.#ahead = { layer, done }
  }

  /** Where each tensor of a layer begins among the bytes that were read. */
  #places(layer: number): Map<LinearName, number> {
    const { tensors } = this.#layers[layer]
    let start = 0
    const places = new Map<LinearName, number>()
    for (const name of linearNames) {
      places.set(name, start)
      start += tensors[name].byteLength
    }
    return places
  }

  #decode(layer: number, over: Linears | null): Linears {
    const { tensors } = this.#layers[layer]
    const places = this.#places(layer)
    return byLinear(linearNames, (name): Matrix => {
      const tensor = tensors[name]
      const start = places.get(name) ?? 0
      const bytes = bytesSource(this.#bytes.subarray(start, start + tensor.byteLength), this.#source.path)
      return readMatrix(bytes, { ...tensor, offset: 0 }, over?.[name] ?? null)
    })
  }
}
