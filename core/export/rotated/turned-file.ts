import type { ByteSource } from '../../formats/byte-source.js'
import type { GgufFile, GgufTensor } from '../../formats/gguf/gguf-file.js'
import type { OpenGguf } from '../../formats/gguf/open-gguf.js'
import { joinedSource } from '../../formats/joined-source.js'
import type { ScratchFile } from '../../formats/scratch-file.js'
import { nameless } from '../calibrated/rounded-tensors.js'

/**
 * A model whose tensors are written one by one, to be read as if it were a GGUF file. They lie in a file without a name, which goes when it
 * is closed, or with the process.
 */
export class TurnedFile {
  readonly #scratch: ScratchFile
  readonly #tensors = new Map<string, GgufTensor>()
  #byteLength = 0
  /** The tensor that was begun last. */
  #last = ''

  /**
   * @param target beside which the file lies
   * @throws EngineError 'file-unwritable'
   */
  constructor(target: string) {
    this.#scratch = nameless(target, 'turned model')
  }

  /** Whether a tensor of this name is written. */
  has(name: string): boolean {
    return this.#tensors.has(name)
  }

  /** Begins a tensor; what `append` is given from then on belongs to it. */
  begin(name: string, type: string, shape: readonly number[]): void {
    this.#tensors.set(name, { name, type, shape, offset: this.#byteLength, byteLength: 0 })
    this.#last = name
  }

  /** Adds to the tensor that was begun last. @throws EngineError 'file-unwritable' */
  append(values: Float32Array | Uint8Array): void {
    this.#scratch.write(values, this.#byteLength)
    this.#byteLength += values.byteLength
    const last = this.#tensors.get(this.#last)
    if (last !== undefined)
      this.#tensors.set(last.name, { ...last, byteLength: this.#byteLength - last.offset })
  }

  /**
   * The model.
   *
   * @param source of the file that it was made from; closed with it
   * @param base that file, whose metadata it has
   */
  open(source: ByteSource, base: GgufFile): OpenGguf {
    const readInto = (offset: number, bytes: Uint8Array): void => this.#scratch.read(bytes, offset)
    const piece = {
      byteLength: this.#byteLength,
      readInto,
      readAhead: (offset: number, bytes: Uint8Array): Promise<void> => {
        readInto(offset, bytes)
        return Promise.resolve()
      },
    }
    const joined = joinedSource(base.path, [piece], [source])
    const file = { ...base, tensors: this.#tensors, dataOffset: 0, byteLength: joined.byteLength }
    const close = (): void => {
      this.close()
      source.close()
    }
    return { source: { ...joined, close }, file, isOneFile: false }
  }

  close(): void {
    this.#scratch.close()
  }
}
