import type { GgufTensor } from '../../formats/gguf/gguf-file.js'
import type { SourcePiece } from '../../formats/joined-source.js'

/** A tensor without its place, which follows from the tensors before it and its data. */
export type PlacelessTensor = Omit<GgufTensor, 'offset' | 'byteLength'>

/** Tensors of a file that does not exist, one after the other. */
export class TensorAssembly {
  readonly tensors = new Map<string, GgufTensor>()
  readonly pieces: SourcePiece[] = []
  #offset = 0

  /** Appends a tensor whose data `piece` has. */
  add({ name, ...rest }: PlacelessTensor, piece: SourcePiece): void {
    const { byteLength } = piece
    this.tensors.set(name, { name, ...rest, offset: this.#offset, byteLength })
    this.append(piece)
  }

  /** Appends data that no tensor is read from, but that is part of the model. */
  append(piece: SourcePiece): void {
    this.pieces.push(piece)
    this.#offset += piece.byteLength
  }
}
