/** Values of a block that share a scale. */
export const integerBlockLengths = [16, 32, 64, 128, 256] as const
export type IntegerBlockLength = (typeof integerBlockLengths)[number]

/**
 * Types for blocks of integers with a scale in float32, as ONNX has them: `INT4_32` is 4-bit codes in blocks of 32 around the middle code,
 * `UINT4_32` the same with a zero point for each block. They are what a model in ONNX, and a folder of integers in blocks of ours, is read as.
 *
 * A block is [scale: float32][zero point: float32, of UINT types][codes, neighbours together, low nibble first].
 */
export type IntegerBlockType = `${'INT' | 'UINT'}${4 | 8}_${IntegerBlockLength}`

/** What the name of a type says. */
export interface IntegerBlocks {
  readonly bits: 4 | 8
  readonly blockLength: IntegerBlockLength
  readonly hasZeroPoints: boolean
}

const all: readonly IntegerBlocks[] = integerBlockLengths.flatMap((blockLength) =>
  ([4, 8] as const).flatMap((bits) => [
    { bits, blockLength, hasZeroPoints: false },
    { bits, blockLength, hasZeroPoints: true },
  ]),
)

const byName: ReadonlyMap<string, IntegerBlocks> = new Map(all.map((each) => [integerBlockType(each), each]))

/** The name of a type. */
export function integerBlockType({ bits, blockLength, hasZeroPoints }: IntegerBlocks): IntegerBlockType {
  return `${hasZeroPoints ? 'UINT' : 'INT'}${bits}_${blockLength}`
}

/** Whether a type is one of integer blocks. */
export function isIntegerBlockType(name: string): name is IntegerBlockType {
  return byName.has(name)
}

/** What a type of integer blocks is. Throws TypeError for another. */
export function integerBlocks(type: IntegerBlockType): IntegerBlocks {
  const found = byName.get(type)
  if (found === undefined) throw new TypeError(`'${type}' is no type of integer blocks`)
  return found
}

/** Bytes of a block before its codes. */
export function integerBlockHead({ hasZeroPoints }: Pick<IntegerBlocks, 'hasZeroPoints'>): number {
  return hasZeroPoints ? 8 : 4
}

/** How each of these types lays values out. */
export const integerBlockTypes = all.map((each) => ({
  name: integerBlockType(each),
  blockLength: each.blockLength,
  blockBytes: integerBlockHead(each) + (each.blockLength * each.bits) / 8,
}))
