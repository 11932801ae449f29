import type { ByteSource } from '../formats/byte-source.js'
import type { GgufTensor } from '../formats/gguf/gguf-file.js'
import { formatOf, type LinearFormat } from '../graph/linear.js'
import { linearNames, type LinearName } from '../model/description.js'
import type { Matrix } from '../quantization/matrix.js'
import { readMatrix } from '../quantization/read-matrix.js'
import { tensorRows } from '../formats/gguf/tensor-rows.js'
import { matrixBytes, outlierBytes } from './matrix-bytes.js'

export type Linears = Readonly<Record<LinearName, Matrix>>

/** The linears of a block, read when they are asked for. */
export interface StoredLinears {
  readonly tensors: Readonly<Record<LinearName, GgufTensor>>
  /** How each is stored; known without reading them. */
  readonly formats: Readonly<Record<LinearName, LinearFormat>>
  /** Of all of them in memory. */
  readonly byteLength: number
  /** Of all of them in the file. */
  readonly fileBytes: number
  /** Whether they are in memory. */
  isKept(): boolean
  /** All of them, in memory from the first call on. Throws 'file-unreadable', and as `readMatrix`. */
  keep(): Linears
  /** One of them, read anew where they are not kept. Throws as `keep`. */
  read(name: LinearName): Matrix
  /** Lets go of what was kept. */
  drop(): void
}

/**
 * The linears of a block in an open file. Looks at a row of each.
 *
 * @throws EngineError as `readMatrix`
 */
export function storedLinears(
  source: ByteSource,
  tensors: Readonly<Record<LinearName, GgufTensor>>,
): StoredLinears {
  const firstRows = byLinear(linearNames, (name) => readMatrix(source, tensorRows(tensors[name], 0, 1)))
  let kept: Linears | null = null
  const readTensor = (name: LinearName): Matrix => {
    source.checkUnchanged()
    return readMatrix(source, tensors[name])
  }
  return {
    tensors,
    formats: byLinear(linearNames, (name) => formatOf(firstRows[name])),
    byteLength: linearNames.reduce(
      (sum, name) =>
        sum + tensors[name].shape[0] * matrixBytes(firstRows[name]) + outlierBytes(tensors[name]),
      0,
    ),
    fileBytes: linearNames.reduce((sum, name) => sum + tensors[name].byteLength, 0),
    isKept: () => kept !== null,
    keep: () => (kept ??= byLinear(linearNames, readTensor)),
    read: (name) => (kept === null ? readTensor(name) : kept[name]),
    drop: () => (kept = null),
  }
}

/** Whether codes of any linear look a table up. */
export function looksTableUp({ formats }: Pick<StoredLinears, 'formats'>): boolean {
  return Object.values(formats).some((format) => format.kind === 'quantized' && format.table !== undefined)
}

/** A record with one value for each of `names`. */
export function byLinear<N extends LinearName, T>(names: readonly N[], value: (name: N) => T): Record<N, T> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<N, T>
}
