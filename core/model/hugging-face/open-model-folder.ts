import { existsSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { GgufValue } from '../../formats/gguf/gguf-file.js'
import type { OpenGguf } from '../../formats/gguf/open-gguf.js'
import { joinedSource, pieceOf, pieceOfNumbers, type SourcePiece } from '../../formats/joined-source.js'
import { integerBlockType } from '../../formats/integer-blocks.js'
import { readJsonFile } from '../../formats/read-json-file.js'
import { tableBlockType } from '../../formats/table-blocks.js'
import { openSafetensors, type PlacedTensor } from '../../formats/safetensors/open-safetensors.js'
import { EngineError } from '../../schema/engine-error.js'
import { readVector } from '../../quantization/read-vector.js'
import { sameOrder, unpackedPiece, UnpackedRows, type RowOrder } from '../unpacked-rows.js'
import { describeFolder, metadataOfConfig, ropeTensors, type DescribedFolder } from './model-config.js'
import {
  integerConfig,
  integerLinears,
  integerRows,
  isOfIntegers,
  type IntegerLinear,
} from './packed/integer-linear.js'
import type { PackedLinear } from './packed/packed-linear.js'
import { isOfPacked, originOf, packedLinears } from './packed/packed-linears.js'
import { packedRows } from './packed/packed-rows.js'
import { readPacking } from './packed/packing.js'
import { hasTableLinears, isOfTable, tableLinears, type TableLinear } from './packed/table-linear.js'
import { tableOutliers, tableRows } from './packed/table-rows.js'
import { readFolderTokenizer } from './read-folder-tokenizer.js'
import { TensorAssembly } from './tensor-assembly.js'
import { ggufName, rowBeforePermutation } from './tensor-map.js'
import { modelProblem } from '../../schema/model-problems.js'

const mostConfigBytes = 2 ** 20

/** Whether a folder holds a model in Hugging Face's form. */
export function isModelFolder(path: string): boolean {
  return existsSync(join(path, 'config.json')) && statSync(path).isDirectory()
}

/**
 * Opens a folder of safetensors files (config.json, one or more files, tokenizer.json) as if it were a GGUF file: names,
 * metadata and the order of rows are GGUF's, data is read from where it is. Linears that GPTQ or AWQ packed are unpacked as they are
 * read, into blocks with the same values; so are those of bitsandbytes whose codes look a table up, and integers in blocks of ours.
 *
 * @throws EngineError `file-unreadable`, `model-malformed`, `model-unsupported`
 */
export function openModelFolder(folder: string): OpenGguf {
  const configPath = join(folder, 'config.json')
  const described = describeFolder(configPath, readJsonFile(configPath, mostConfigBytes))
  const quantization = described.config.quantization_config ?? null
  const hasTables = hasTableLinears(quantization)
  const integers = integerConfig(quantization)
  const packing = hasTables || integers !== null ? null : readPacking(folder, quantization)
  const metadata = new Map<string, GgufValue>([
    ['general.name', { type: 'string', value: basename(resolve(folder)) }],
    ...metadataOfConfig(described),
    ...readFolderTokenizer(folder, described.config.vocab_size),
  ])
  const { tensors: found, sources } = openSafetensors(folder)
  try {
    const assembly = new TensorAssembly()
    const packed = packedLinears(found, packing)
    const unpacked = new UnpackedRows()
    for (const [stem, linear] of packed) {
      const [name, order] = placeOfPacked(stem, linear, described, folder)
      const { rows, columns, type } = linear
      const tensor = { name, type, shape: [rows, columns], hasNarrowBlocks: type === 'Q5_0' }
      assembly.add(tensor, unpackedPiece(packedRows(linear), order, unpacked))
    }
    const looked = hasTables ? tableLinears(found) : new Map<string, TableLinear>()
    for (const [stem, linear] of looked) {
      const [name, order] = placeOfPacked(stem, linear, described, folder)
      const { rows, columns } = linear
      const outliers = tableOutliers(linear, order)
      const tensor = { name, type: tableBlockType(linear), shape: [rows, columns] }
      assembly.add(
        { ...tensor, ...(outliers && { outliers }) },
        unpackedPiece(tableRows(linear), order, unpacked),
      )
      for (const part of Object.values(linear.outliers ?? {})) {
        assembly.append(pieceOf(part.source, part.offset, part.byteLength))
      }
    }
    const ofIntegers = integerLinears(found, integers)
    for (const [stem, linear] of ofIntegers) {
      const [name, order] = placeOfPacked(stem, linear, described, folder)
      const tensor = { name, type: integerBlockType(linear), shape: [linear.rows, linear.columns] }
      assembly.add(tensor, unpackedPiece(integerRows(linear), order, unpacked))
    }
    for (const tensor of found.values()) {
      const isPart =
        isOfPacked(tensor, packed) || isOfTable(tensor, looked) || isOfIntegers(tensor, ofIntegers)
      if (!isPart) place(assembly, tensor, described, folder)
    }
    for (const [name, factors] of ropeTensors(described)) {
      assembly.add({ name, type: 'F32', shape: [factors.length] }, pieceOfNumbers(factors))
    }
    const source = joinedSource(folder, assembly.pieces, sources)
    const { byteLength } = source
    const file = {
      path: folder,
      version: 3 as const,
      alignment: 32,
      metadata,
      tensors: assembly.tensors,
      dataOffset: 0,
      byteLength,
      readFrom: 'safetensors' as const,
      ...(packing !== null && { packedOrigin: originOf(packing, packed) }),
    }
    return { source, file, isOneFile: false }
  } catch (thrown) {
    for (const source of sources) source.close()
    throw thrown
  }
}

/** Buffers that transformers saves and computes again, and heads that repeat the embedding. */
function isLeftOut(name: string, { config }: DescribedFolder): boolean {
  return (
    name.endsWith('.rotary_emb.inv_freq') ||
    (name === 'lm_head.weight' && config.tie_word_embeddings === true)
  )
}

function place(
  assembly: TensorAssembly,
  tensor: PlacedTensor,
  described: DescribedFolder,
  folder: string,
): void {
  if (isLeftOut(tensor.name, described)) return
  const { family } = described
  const mapped = ggufName(tensor.name, family.hasNormsAfterParts)
  if (mapped === null || tensor.shape.length === 0 || tensor.shape.length > 2) {
    const shape = tensor.shape.join(', ')
    throw unsupported(folder, modelProblem('tensor-shape', { name: tensor.name, shape }))
  }
  if (family.hasNormsFromOne && mapped.name.endsWith('norm.weight')) {
    const weight = readVector(tensor.source, { ...tensor, type: tensor.dtype }).map((value) => 1 + value)
    assembly.add({ name: mapped.name, type: 'F32', shape: tensor.shape }, pieceOfNumbers(weight))
    return
  }
  const isPermuted = mapped.heads !== null && family.hasPermutedHeads
  const piece = isPermuted
    ? permutedRows(tensor, described.headWidth, folder)
    : pieceOf(tensor.source, tensor.offset, tensor.byteLength)
  assembly.add({ name: mapped.name, type: tensor.dtype, shape: tensor.shape }, piece)
}

/** The name of a packed linear in GGUF, and the order of its rows there. */
function placeOfPacked(
  stem: string,
  { rows }: PackedLinear | TableLinear | IntegerLinear,
  { family, headWidth }: DescribedFolder,
  folder: string,
): [name: string, order: RowOrder] {
  const mapped = ggufName(`${stem}.weight`, family.hasNormsAfterParts)
  if (mapped === null) throw unsupported(folder, modelProblem('packed-weights', { name: stem }))
  if (mapped.heads === null || !family.hasPermutedHeads) return [mapped.name, sameOrder]
  checkHeads(rows, headWidth, stem, folder)
  const unit = headWidth % 8 === 0 ? headWidth : 8 * headWidth
  return [mapped.name, { unit, rowBefore: (row) => rowBeforePermutation(row, headWidth) }]
}

function checkHeads(rows: number, headWidth: number, name: string, folder: string): void {
  if (headWidth % 2 === 0 && rows % headWidth === 0) return
  throw unsupported(folder, modelProblem('tensor-heads', { count: rows, name, total: headWidth }))
}

/** The rows of a matrix, or the values of a bias, in GGUF's order. */
function permutedRows(tensor: PlacedTensor, headWidth: number, folder: string): SourcePiece {
  const { source, offset, byteLength, shape } = tensor
  const [rows] = shape
  checkHeads(rows, headWidth, tensor.name, folder)
  const rowBytes = byteLength / rows
  /** Where in the file the rows of a range are, and which part of `target` they fill. */
  function* partsOf(start: number, target: Uint8Array): Generator<[number, Uint8Array]> {
    for (let done = 0; done < target.byteLength;) {
      const row = Math.floor((start + done) / rowBytes)
      const within = start + done - row * rowBytes
      const length = Math.min(rowBytes - within, target.byteLength - done)
      yield [
        offset + rowBeforePermutation(row, headWidth) * rowBytes + within,
        target.subarray(done, done + length),
      ]
      done += length
    }
  }
  return {
    byteLength,
    readInto: (start, target) => {
      for (const [from, part] of partsOf(start, target)) source.readInto(from, part)
    },
    readAhead: async (start, target) => {
      for (const [from, part] of partsOf(start, target)) await source.readAhead(from, part)
    },
  }
}

function unsupported(folder: string, feature: string): EngineError {
  const message = `'${folder}' has ${feature}, which this version cannot read`
  return new EngineError('model-unsupported', { path: folder, feature }, message)
}
