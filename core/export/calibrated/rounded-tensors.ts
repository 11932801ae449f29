import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { LowRankMatrices } from '../../engine/model-changes.js'
import { ScratchFile } from '../../formats/scratch-file.js'
import type { EncodedTensor } from '../../quantization/encode-rows.js'

/**
 * Tensors that were rounded before the file that they go to is written, layer by layer where that file has them in its own order. They
 * lie in a file without a name, which goes when it is closed, or with the process.
 */
export class RoundedTensors {
  /** What stands beside matrices that were split, by their names; in memory, since it is small beside them. */
  readonly branches = new Map<string, LowRankMatrices>()
  readonly #file: ScratchFile
  readonly #places = new Map<string, { offset: number; byteLength: number; roundingError: number }>()
  #byteLength = 0

  /**
   * @param target the file that they go to
   * @throws EngineError 'file-unwritable'
   */
  constructor(target: string) {
    this.#file = nameless(target, 'rounded tensors')
  }

  /** Keeps a tensor, or the part of a fused one with this name. @throws EngineError 'file-unwritable' */
  keep(name: string, { bytes, roundingError }: EncodedTensor): void {
    this.#file.write(bytes, this.#byteLength)
    this.#places.set(name, { offset: this.#byteLength, byteLength: bytes.byteLength, roundingError })
    this.#byteLength += bytes.byteLength
  }

  /** Null for one that is not here. */
  read(name: string): EncodedTensor | null {
    const place = this.#places.get(name)
    if (place === undefined) return null
    const bytes = new Uint8Array(place.byteLength)
    this.#file.read(bytes, place.offset)
    return { bytes, roundingError: place.roundingError }
  }

  close(): void {
    this.#file.close()
  }
}

/** A file in the folder of `target` that has lost its name. @throws EngineError 'file-unwritable' */
export function nameless(target: string, content: string): ScratchFile {
  const path = join(dirname(target), `.zerotune-${randomUUID()}.tmp`)
  const file = new ScratchFile(path, { content, advice: 'free space there, or choose another folder' })
  file.forgetName()
  return file
}
