import { join } from 'node:path'
import type { TensorGraph } from '../../model/onnx/tensor-graph.js'
import type { TensorTask } from '../../schema/task.js'
import { collectBadRows } from '../bad-rows.js'
import { dataInsufficient, dataInvalid, isBadRow } from '../data-error.js'
import type { TensorExample } from '../example.js'
import { folderFiles, isFolder } from '../folder.js'
import type { LoadedDataset } from '../load-dataset.js'
import { noRows } from '../resolve-labels.js'
import { fingerprintOfBytes } from '../row-fingerprint.js'
import type { RowNotes } from '../row-notes.js'
import { readTensorRow, type RowTensor, type TensorRow } from './read-tensor-row.js'
import { tensorPorts } from './tensor-ports.js'

/** Which rows of tensors to read, and for which graph. */
export interface TensorRowsRequest {
  /** A folder of safetensors files. */
  readonly path: string
  readonly task: TensorTask
  readonly graph: TensorGraph
  readonly skipBadRows: boolean
  /** Use the first rows only. */
  readonly limit: number
}

/** Endings of the files that are rows of tensors. */
export const tensorExtensions: ReadonlySet<string> = new Set(['.safetensors'])

/** Rows between two reports of how many were read. */
const rowsPerReport = 50

/**
 * Reads the rows of a folder, a file each, in the order of their names, and checks them against a graph. Of a row, only its shapes are
 * kept; its numbers are read again when they are needed. Yields how many rows were read so far.
 *
 * @throws EngineError 'file-unreadable', 'data-invalid', 'data-insufficient', 'request-invalid'
 */
export function* loadingTensorRows(request: TensorRowsRequest): Generator<number, LoadedDataset> {
  const { path, task, graph, skipBadRows, limit } = request
  if (!isFolder(path)) {
    throw dataInvalid(path, 0, '', 'expected a folder of safetensors files, one a row; found a file')
  }
  const ports = tensorPorts(graph, task)
  const files = folderFiles(path, tensorExtensions)
  if (files.length === 0) throw dataInsufficient(path, 'has no safetensors files, each of which is a row')
  const badRows = collectBadRows(skipBadRows)
  const notes: RowNote[] = []
  const layouts = new Map<string, string>()
  for (const [index, { name }] of files.entries()) {
    if (notes.length >= limit) break
    const file = { folder: path, path: join(path, name), name, line: index + 1 }
    try {
      notes.push(noteOf(file, readTensorRow(file, ports), layouts))
    } catch (thrown) {
      if (!isBadRow(thrown)) throw thrown
      badRows.report(thrown)
    }
    if (notes.length % rowsPerReport === 0) yield notes.length
  }
  if (notes.length === 0) throw dataInsufficient(path, noRows(badRows.messages(), false))
  const target = ports.target.name
  return {
    path,
    dataset: { objective: { kind: 'tensors', target }, examples: notes.map(({ example }) => example) },
    task: { ...task, target },
    columns: [...ports.inputs, ports.target].map(({ name }) => name),
    rows: rowNotes(notes),
    tallies: { scripts: [], sources: [], texts: [] },
    filteredCount: 0,
    skippedCount: badRows.count(),
    skippedMessages: badRows.messages(),
    skippedRows: badRows.rows(),
    notices: [],
  }
}

/** A row, and by what it is recognised. */
interface RowNote {
  readonly example: TensorExample
  readonly inputs: number
  readonly target: number
}

function noteOf(
  { path, line }: Pick<TensorExample, 'path' | 'line'>,
  { inputs, target }: TensorRow,
  layouts: Map<string, string>,
): RowNote {
  const all = [...inputs, target]
  const text = all.map(({ name, shape }) => `${name} ${shape.join(' ')}`).join('\n')
  // One text for all rows that have it.
  const layout = layouts.get(text) ?? text
  layouts.set(layout, layout)
  return {
    example: {
      ...{ kind: 'tensors', path, line, layout },
      positions: positionsOf(target.shape),
      byteLength: all.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
    },
    inputs: fingerprintOfBytes(inputs.flatMap(piecesOf)),
    target: fingerprintOfBytes(piecesOf(target)),
  }
}

function piecesOf({ name, shape, bytes }: RowTensor): (Uint8Array | string)[] {
  return [`${name} ${shape.join(' ')}\n`, bytes]
}

/** Numbers of a tensor by those of an axis of channels: the second of four and more, as pictures have it, else the last. */
function positionsOf(shape: readonly number[]): number {
  const channels = shape.length >= 4 ? shape[1] : (shape.at(-1) ?? 1)
  return shape.reduce((product, length) => product * length, 1) / channels
}

function rowNotes(notes: readonly RowNote[]): RowNotes {
  return {
    lines: Uint32Array.from(notes, ({ example }) => example.line),
    fingerprints: Float64Array.from(notes, ({ inputs }) => inputs),
    answers: Float64Array.from(notes, ({ target }) => target),
    groups: new Float64Array(notes.length),
    marks: new Uint16Array(notes.length),
    signatures: null,
  }
}
