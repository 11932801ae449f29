import { EngineError } from '../../schema/engine-error.js'
import type { GgufTensor } from './gguf-file.js'
import type { TensorEntry } from './read-tensors.js'

/** Where a file's tensor data lies. */
export interface DataRegion {
  readonly path: string
  readonly dataOffset: number
  readonly alignment: number
  /** Of the whole file. */
  readonly byteLength: number
}

/**
 * Turns listed tensors into absolute ranges of the file, in the list's order.
 *
 * A tensor of unknown type is given all bytes up to the next tensor or the end of the file.
 *
 * @throws EngineError `model-malformed` where a tensor is not aligned, passes the end of the file or overlaps another
 */
export function placeTensors(entries: readonly TensorEntry[], region: DataRegion): Map<string, GgufTensor> {
  const ends = endsByName(entries, region)
  return new Map(
    entries.map((entry) => {
      const offset = region.dataOffset + entry.relativeOffset
      const available = (ends.get(entry.name) ?? region.byteLength) - offset
      const byteLength = entry.byteLength ?? Math.max(0, available)
      checkPlace(entry, { offset, byteLength, available }, region)
      return [entry.name, { name: entry.name, type: entry.type, shape: entry.shape, offset, byteLength }]
    }),
  )
}

/** Where each tensor must end: at the start of the next one, or of the file's end. */
function endsByName(entries: readonly TensorEntry[], region: DataRegion): Map<string, number> {
  const ordered = entries.toSorted((left, right) => left.relativeOffset - right.relativeOffset)
  return new Map(
    ordered.map((entry, index) => {
      const next = ordered.at(index + 1)
      const end = next ? region.dataOffset + next.relativeOffset : region.byteLength
      return [entry.name, Math.min(end, region.byteLength)]
    }),
  )
}

interface Place {
  readonly offset: number
  readonly byteLength: number
  /** Bytes up to the next tensor or the end of the file. */
  readonly available: number
}

function checkPlace(entry: TensorEntry, place: Place, region: DataRegion): void {
  const { path, alignment, byteLength: fileBytes } = region
  const malformed = (reason: string): EngineError => {
    const where = `tensor '${entry.name}'`
    const message = `'${path}' is not a valid GGUF file: ${where}: ${reason}`
    return new EngineError('model-malformed', { path, where }, message)
  }
  if (entry.relativeOffset % alignment !== 0) {
    throw malformed(`expected an offset that is a multiple of ${alignment}, found ${entry.relativeOffset}`)
  }
  const end = place.offset + place.byteLength
  if (end > fileBytes) {
    throw malformed(`its data ends at byte ${end}, but the file has ${fileBytes} (cut off while copying?)`)
  }
  if (place.byteLength > place.available) {
    throw malformed(`its ${place.byteLength} bytes overlap the next tensor, ${place.available} bytes later`)
  }
}
