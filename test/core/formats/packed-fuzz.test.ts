import { expect, it } from 'vitest'
import { bytesSource } from '../../../core/formats/byte-source.js'
import { readSafetensors } from '../../../core/formats/safetensors/read-safetensors.js'
import { formatHeader } from '../../../core/formats/safetensors/write-safetensors.js'
import { packedLinears } from '../../../core/model/hugging-face/packed/packed-linears.js'
import { packedRows } from '../../../core/model/hugging-face/packed/packed-rows.js'
import { sameOrder, unpackedPiece, UnpackedRows } from '../../../core/model/unpacked-rows.js'
import { readPacking, type Packing } from '../../../core/model/hugging-face/packed/packing.js'
import { damagedOutcomes, type DamagedReader } from '../../support/damaged-outcomes.js'

const copies = 3_000
const [rows, columns, groups] = [16, 64, 2]

/** A file with one packed linear of random numbers, whose scales are 0 or small. */
function packedFile(codes: readonly number[], hasGroups: boolean): Uint8Array {
  const words = (shape: readonly number[], name: string) => {
    const byteLength = 4 * shape.reduce((product, length) => product * length, 1)
    return { name: `a.${name}`, dtype: 'I32', shape, byteLength }
  }
  const tensors = [
    words(codes, 'qweight'),
    words([groups, rows / 8], 'qzeros'),
    { name: 'a.scales', dtype: 'F16', shape: [groups, rows], byteLength: 2 * groups * rows },
    ...(hasGroups ? [words([columns], 'g_idx')] : []),
  ]
  const dataBytes = tensors.reduce((sum, { byteLength }) => sum + byteLength, 0)
  return Uint8Array.from(Buffer.concat([formatHeader(tensors), new Uint8Array(dataBytes)]))
}

function readAll(bytes: Uint8Array, packing: Packing): void {
  const source = bytesSource(bytes, 'fuzz.safetensors')
  const tensors = new Map(
    [...readSafetensors(source)].map(([name, tensor]) => [name, { ...tensor, source }] as const),
  )
  for (const linear of packedLinears(tensors, packing).values()) {
    const piece = unpackedPiece(packedRows(linear), sameOrder, new UnpackedRows())
    piece.readInto(0, new Uint8Array(piece.byteLength))
  }
}

const gptq: Packing = { method: 'gptq', bits: 4, groupSize: 32, zeroOffset: 1 }
const config = { quant_method: 'gptq', bits: 4, group_size: 32, checkpoint_format: 'gptq_v2', sym: false }
const readers: readonly DamagedReader[] = [
  { copies, whole: packedFile([columns / 8, rows], true), read: (bytes) => readAll(bytes, gptq) },
  {
    copies,
    whole: packedFile([columns, rows / 8], false),
    read: (bytes) => readAll(bytes, { ...gptq, method: 'awq', zeroOffset: 0 }),
  },
  {
    copies,
    whole: new TextEncoder().encode(JSON.stringify(config)),
    read: (bytes) => readPacking('folder', objectIn(bytes)),
  },
]

/** As of a config.json that could be read. */
function objectIn(bytes: Uint8Array): object {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

it('answers 9,000 damaged packed models with an EngineError or their content', { timeout: 60_000 }, () => {
  const outcomes = damagedOutcomes(readers, { seed: 3_000, headerBytes: 400 })
  expect([...outcomes.keys()].toSorted()).toEqual(['model-malformed', 'model-unsupported', 'whole'])
  expect(Math.min(...outcomes.values())).toBeGreaterThan(9)
})
