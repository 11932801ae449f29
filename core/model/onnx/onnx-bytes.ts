import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A graph, or data beside it, as exporters name them. */
const weightFile = /\.onnx(?:[._]data(?:_\d+)?)?$/i

/** Bytes of the graphs and their data in the folder of an ONNX model; 0 where none is there. */
export function onnxBytes(path: string): number {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  const folder = isFolder ? path : dirname(path)
  return readdirSync(folder)
    .filter((name) => weightFile.test(name))
    .reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0)
}
