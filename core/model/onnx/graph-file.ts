import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { genaiConfigFile, readGenaiConfig } from './genai-config.js'

/** Graphs of a folder as exporters name them, those of transformers.js last. */
const graphNames = ['model.onnx', 'onnx/model_q4.onnx', 'onnx/model_q4f16.onnx']
/** A folder with these is a model of its own, whatever graphs are below it. */
const otherWeights = ['model.safetensors', 'model.safetensors.index.json']

/** Where the graph of a model is: the file itself, or the one that its folder has; null where there is none. */
export function graphFileOf(path: string): string | null {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isFile() === true) return path.toLowerCase().endsWith('.onnx') ? path : null
  if (existsSync(join(path, genaiConfigFile))) return join(path, readGenaiConfig(path).decoder.filename)
  const has = (name: string): boolean => existsSync(join(path, name))
  const found = graphNames.find((name) => has(name) && (name === 'model.onnx' || !otherWeights.some(has)))
  return found === undefined ? null : join(path, found)
}

/** The folder of a graph's tokenizer and configuration: its own, or the one above, as transformers.js has it. */
export function textFolderOf(graphFile: string): string {
  const folder = dirname(graphFile)
  const above = dirname(folder)
  const holdsTexts = (each: string): boolean =>
    ['tokenizer.json', 'config.json'].some((name) => existsSync(join(each, name)))
  return !holdsTexts(folder) && holdsTexts(above) ? above : folder
}
