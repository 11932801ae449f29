import { realpathSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { EngineError } from '../../schema/engine-error.js'
import { openByteSource, type ByteSource } from '../byte-source.js'
import type { OnnxGraph, OnnxTensor } from './onnx-graph.js'
import { malformedOnnx, readOnnx } from './read-onnx.js'

/** A tensor of a graph, and the open file that has its data. */
export interface PlacedOnnxTensor extends Omit<OnnxTensor, 'place'> {
  readonly source: ByteSource
  /** Absolute position in that file. */
  readonly offset: number
}

/** An open model in ONNX. */
export interface OpenOnnx {
  /** Of the graph's file. */
  readonly path: string
  readonly graph: OnnxGraph
  /** A tensor whose data can be read in place. Throws `model-malformed`, `model-unsupported`, `file-unreadable`. */
  readonly place: (name: string) => PlacedOnnxTensor
  /** The files that were opened, the graph's first. */
  readonly sources: readonly ByteSource[]
  readonly close: () => void
}

const mostFiles = 64

/**
 * Opens a model in ONNX. Files with data beside it are opened when a tensor in them is asked for; none of them can be outside of its
 * folder. (A hub's cache has links to files in one other folder, the graph among them, which is as good.)
 *
 * @throws EngineError `model-malformed`, `file-unreadable`
 */
export function openOnnx(path: string): OpenOnnx {
  const main = openByteSource(path)
  const beside = new Map<string, ByteSource>()
  const close = (): void => {
    for (const source of [main, ...beside.values()]) source.close()
  }
  const open = (location: string, tensor: string): ByteSource => {
    const known = beside.get(location)
    if (known !== undefined) return known
    if (beside.size >= mostFiles)
      throw malformedOnnx(path, tensor, `expected up to ${mostFiles} files of data`)
    const source = openByteSource(pathBeside(path, location, tensor))
    beside.set(location, source)
    return source
  }
  try {
    const graph = readOnnx(main)
    return {
      path,
      graph,
      place: (name) => placeTensor(path, graph, name, { main, open }),
      get sources() {
        return [main, ...beside.values()]
      },
      close,
    }
  } catch (thrown) {
    close()
    throw thrown
  }
}

interface Files {
  readonly main: ByteSource
  readonly open: (location: string, tensor: string) => ByteSource
}

function placeTensor(path: string, graph: OnnxGraph, name: string, { main, open }: Files): PlacedOnnxTensor {
  const where = `tensor '${name.slice(0, 200)}'`
  const tensor = graph.tensors.get(name)
  if (tensor === undefined) throw malformedOnnx(path, where, 'expected this tensor, found none of that name')
  const { place, byteLength, ...rest } = tensor
  if (place.kind === 'numbers') {
    throw malformedOnnx(path, where, 'expected raw data, or data in a file beside the model')
  }
  const source = place.kind === 'inside' ? main : open(place.location, where)
  const found = place.byteLength ?? byteLength
  if (found !== byteLength) {
    throw malformedOnnx(path, where, `expected ${byteLength} bytes for its shape, found ${found}`)
  }
  if (place.offset + byteLength > source.byteLength) {
    const reason = `its data, ${place.offset} to ${place.offset + byteLength}, is not in '${source.path}'`
    throw malformedOnnx(path, where, `${reason} (cut off while copying?)`)
  }
  return { ...rest, byteLength, source, offset: place.offset }
}

/** The path of a file beside a graph's. Throws `model-malformed` for one outside of its folder. */
function pathBeside(path: string, location: string, where: string): string {
  const parts = location.split(/[\\/]/)
  const isPlain = parts.every((part) => part !== '' && part !== '..' && !/[\0:]/.test(part))
  if (!isPlain || location.length > 255) throw outside(path, location, where)
  const found = join(dirname(path), ...parts)
  const real = realPath(found)
  const folders = [realPath(dirname(path)), dirname(realPath(path))]
  const isInside = real.startsWith(folders[0] + sep) || dirname(real) === folders[1]
  if (!isInside) throw outside(path, location, where)
  return found
}

function outside(path: string, location: string, where: string): EngineError {
  const name = JSON.stringify(location.slice(0, 200))
  return malformedOnnx(path, where, `expected data in the model's folder, found it in ${name}`)
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch (thrown) {
    const message = `Cannot read '${path}': there is no such file`
    throw new EngineError('file-unreadable', { path }, message, { cause: thrown })
  }
}
