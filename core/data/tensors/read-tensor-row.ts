import { openByteSource, type ByteSource } from '../../formats/byte-source.js'
import { describedShape, type OnnxValue } from '../../formats/onnx/onnx-graph.js'
import { readSafetensors, type SafeTensor } from '../../formats/safetensors/read-safetensors.js'
import { EngineError } from '../../schema/engine-error.js'
import { rowProblem } from '../../schema/row-problems.js'
import { dataInvalid } from '../data-error.js'
import { firstOddNumber } from './odd-numbers.js'
import type { TensorPorts } from './tensor-ports.js'

/** A tensor of a row, and its bytes as the file has them. */
export interface RowTensor extends Pick<SafeTensor, 'name' | 'dtype' | 'shape'> {
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A row of tensors. */
export interface TensorRow {
  /** In the order of the graph's inputs. */
  readonly inputs: readonly RowTensor[]
  readonly target: RowTensor
}

/** Which row of which folder; the file's own path. */
export interface RowFile {
  readonly folder: string
  readonly path: string
  /** As messages name it. */
  readonly name: string
  readonly line: number
}

/** Of all tensors of a row. */
const mostRowBytes = 2 ** 30
const wantedTypes: readonly string[] = ['F32', 'F16']

/**
 * Reads a row: what a graph takes for one run, and what it should give for it, each under its name there. Inputs are of the graph's own
 * types; what it should give may be in floats or half floats. Axes of one name in the graph have one length in a row. Other tensors in
 * the file are left alone.
 *
 * @throws EngineError 'data-invalid' with what was expected and what was found, 'file-unreadable'
 */
export function readTensorRow(file: RowFile, { inputs, target }: TensorPorts): TensorRow {
  const source = openByteSource(file.path)
  try {
    const tensors = headerOf(file, source)
    const named = [...inputs, target].map(({ name }) => name)
    const lengths = new Map<string, number>()
    const find = (port: OnnxValue, types: readonly string[]): SafeTensor => {
      const tensor = tensors.get(port.name)
      if (tensor === undefined) {
        throw invalid(file, 'tensor-missing', { name: port.name, list: listOf(named) })
      }
      const shape = knownShape(port, lengths)
      if (!types.includes(tensor.dtype) || !hasShape(tensor, shape)) {
        throw invalid(file, 'tensor-other', {
          ...{ name: port.name, expected: describedShape(types.join(' or '), shape) },
          found: describedShape(tensor.dtype, tensor.shape),
        })
      }
      port.shape?.forEach((length, axis) => {
        if (typeof length === 'string' && length !== '') lengths.set(length, tensor.shape[axis])
      })
      return tensor
    }
    const found = inputs.map((port) => find(port, [port.dtype]))
    const wanted = find(target, wantedTypes)
    const byteLength = [...found, wanted].reduce((sum, tensor) => sum + tensor.byteLength, 0)
    if (byteLength > mostRowBytes) {
      throw invalid(file, 'tensors-large', { total: mostRowBytes, count: byteLength })
    }
    const read = (tensor: SafeTensor): RowTensor => readTensor(file, source, tensor)
    return { inputs: found.map(read), target: read(wanted) }
  } finally {
    source.close()
  }
}

function headerOf(file: RowFile, source: ByteSource): ReadonlyMap<string, SafeTensor> {
  try {
    return readSafetensors(source)
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.code !== 'model-malformed') throw thrown
    throw invalid(file, 'tensors-broken', { reason: thrown.message })
  }
}

function readTensor(
  file: RowFile,
  source: ByteSource,
  { name, dtype, shape, offset, byteLength }: SafeTensor,
): RowTensor {
  const bytes = new Uint8Array(byteLength)
  source.readInto(offset, bytes)
  const odd = firstOddNumber(dtype, bytes)
  if (odd !== null) throw invalid(file, 'tensor-infinite', { name, value: odd.value, at: odd.index })
  return { name, dtype, shape, bytes }
}

/** The shape of a value with the lengths of named axes where they are known. */
function knownShape({ shape }: OnnxValue, lengths: ReadonlyMap<string, number>): OnnxValue['shape'] {
  if (shape === null) return null
  return shape.map((length) => (typeof length === 'string' ? (lengths.get(length) ?? length) : length))
}

/** Lengths are those that are known; at least 1 where they only have a name. */
function hasShape({ shape }: SafeTensor, expected: OnnxValue['shape']): boolean {
  if (shape.includes(0)) return false
  if (expected === null) return true
  if (expected.length !== shape.length) return false
  return expected.every((length, axis) => typeof length === 'string' || length === shape[axis])
}

function listOf(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}

function invalid(
  { folder, name, line }: RowFile,
  code: Parameters<typeof rowProblem>[0],
  values: Parameters<typeof rowProblem>[1],
): EngineError {
  return dataInvalid(folder, line, '', rowProblem(code, { file: name, ...values }))
}
