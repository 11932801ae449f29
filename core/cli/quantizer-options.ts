import { InvalidArgumentError, Option, type Command } from 'commander'
import { toIntegers } from '../export/safetensors/integer-parts.js'
import type { LinearQuantizer } from '../export/safetensors/linear-quantizer.js'
import { toTable } from '../export/safetensors/table-parts.js'
import { tableBlockLengths, type TableBlockLength } from '../formats/table-blocks.js'
import {
  tableQuantizer,
  tableQuantizerNames,
  type TableQuantizerName,
} from '../quantization/code-tables/table-quantizer.js'
import { roundings, type Rounding } from '../quantization/encode-rows.js'
import {
  integerBits,
  integerGrids,
  type IntegerBits,
  type IntegerGrid,
} from '../quantization/integer-quantizer.js'
import { requestInvalid } from '../schema/request-invalid.js'

/** What linears of a folder can be: integers on an even grid, or codes of a table. */
export const folderTypes = ['int', ...tableQuantizerNames] as const
export type FolderType = 'int' | TableQuantizerName

/** How the linears of a folder are quantized, as flags say it. */
export interface QuantizerChoice {
  readonly type: FolderType
  readonly bits?: IntegerBits | undefined
  readonly block?: TableBlockLength | undefined
  readonly grid?: IntegerGrid | undefined
  readonly rounding?: Rounding | undefined
}

/** The flags of `convert` for it, beside its type and `--rounding`. */
export type BlockOptions = Pick<QuantizerChoice, 'bits' | 'block' | 'grid'>

/** The flags of commands that open a model of floats. */
export interface QuantizeOptions {
  readonly quantize?: FolderType
  readonly quantizeBits?: IntegerBits
  readonly quantizeBlock?: TableBlockLength
  readonly quantizeGrid?: IntegerGrid
  readonly quantizeRounding?: Rounding
}

const usual = { bits: 4, block: 64, grid: 'signed', rounding: 'search' } as const

/** Adds the flags of `convert`. */
export function withBlockOptions(command: Command): Command {
  return withBlocks(command, '')
}

/** Adds the flags of commands that open a model of floats. */
export function withQuantizeOptions(command: Command): Command {
  const types = folderTypes.join(', ')
  command.addOption(
    new Option(
      '--quantize <type>',
      `a model in F16, BF16 or F32: quantize its linears first, as 'zerotune convert' does: one of ${types}`,
    ).choices(folderTypes),
  )
  return withBlocks(command, 'quantize-').addOption(
    new Option('--quantize-rounding <way>', `of int: one of ${roundings.join(', ')}`).choices(roundings),
  )
}

function withBlocks(command: Command, prefix: string): Command {
  const numbers = (known: readonly number[]): string => known.join(', ')
  return command
    .addOption(
      new Option(
        `--${prefix}bits <n>`,
        `of int: ${numbers(integerBits)}; 2 and 3 are stored as codes of 4 (default: ${usual.bits})`,
      ).argParser(oneOf(integerBits)),
    )
    .addOption(
      new Option(
        `--${prefix}block <weights>`,
        `that share a scale, of ${folderTypes.join(', ')}: one of ${numbers(tableBlockLengths)} (default: ${usual.block})`,
      ).argParser(oneOf(tableBlockLengths)),
    )
    .addOption(
      new Option(
        `--${prefix}grid <kind>`,
        `of int: symmetric around 0; signed, whose furthest value is at the end with one code more; asymmetric, with a zero point (default: ${usual.grid})`,
      ).choices(integerGrids),
    )
}

/** What the flags of a command that opens a model say; null where it is opened as it is. @throws EngineError 'request-invalid' */
export function quantizeChoice(options: QuantizeOptions): QuantizerChoice | null {
  const { quantize, quantizeBits, quantizeBlock, quantizeGrid, quantizeRounding } = options
  const choice = { bits: quantizeBits, block: quantizeBlock, grid: quantizeGrid, rounding: quantizeRounding }
  if (quantize !== undefined) return { type: quantize, ...choice }
  if (Object.values(choice).every((value) => value === undefined)) return null
  throw requestInvalid('--quantize-bits, -block, -grid and -rounding are for --quantize: name the type')
}

/** The quantizer of a choice. @throws EngineError 'request-invalid' for what its type does not have */
export function quantizerOf(choice: QuantizerChoice): LinearQuantizer {
  const { type, bits, grid, rounding } = choice
  const { block: blockLength = usual.block } = choice
  if (type === 'int') {
    const { bits: usualBits, grid: usualGrid, rounding: usualRounding } = usual
    return toIntegers({
      bits: bits ?? usualBits,
      blockLength,
      grid: grid ?? usualGrid,
      rounding: rounding ?? usualRounding,
    })
  }
  if (rounding !== undefined) throw requestInvalid(`${type} has one way to round: leave the rounding out`)
  if (bits === undefined && grid === undefined) return toTable(tableQuantizer(type, blockLength))
  throw requestInvalid(`${type} has a table of 16 values: bits and grids are for int`)
}

/** The type of a folder by its name; undefined for types of GGUF. */
export function folderTypeOf(name: string): FolderType | undefined {
  return folderTypes.find((type) => type === name)
}

function oneOf<T extends number>(known: readonly T[]): (value: string) => T {
  return (value) => {
    const found = known.find((each) => String(each) === value)
    if (found !== undefined) return found
    throw new InvalidArgumentError(`Expected one of ${known.join(', ')}.`)
  }
}
