import { InvalidArgumentError, Option, type Command } from 'commander'
import { tableBlockLengths, type TableBlockLength } from '../formats/table-blocks.js'
import {
  tableQuantizer,
  tableQuantizerNames,
  type TableQuantizer,
  type TableQuantizerName,
} from '../quantization/code-tables/table-quantizer.js'
import { requestInvalid } from '../schema/request-invalid.js'
import type { RoundingOptions } from './rounding-options.js'

/** The flag for blocks of codes that look a table up. */
export interface TableOptions {
  readonly block?: TableBlockLength
}

const usualBlockLength = 64

/** Adds that flag. */
export function withTableOptions(command: Command): Command {
  const lengths = tableBlockLengths.join(', ')
  return command.addOption(
    new Option(
      '--block <weights>',
      `that share a scale, of ${tableQuantizerNames.join(', ')}: one of ${lengths} (default: ${usualBlockLength})`,
    ).argParser(blockLengthOf),
  )
}

/**
 * The quantizer that a type and the flags name; null for types of GGUF.
 *
 * @throws EngineError 'request-invalid' for flags that do not go with the type
 */
export function tableQuantizerOf(
  type: string,
  { block, rounding, calibration }: TableOptions & RoundingOptions,
): TableQuantizer | null {
  const name = tableQuantizerName(type)
  if (name === undefined) {
    if (block !== undefined) throw requestInvalid(`${type} has blocks of its own: leave --block out`)
    return null
  }
  if (rounding !== undefined || calibration !== undefined) {
    throw requestInvalid(`${type} has one way to round: leave --rounding and --calibration out`)
  }
  return tableQuantizer(name, block ?? usualBlockLength)
}

/** The quantizer's name where a type is one. */
export function tableQuantizerName(type: string): TableQuantizerName | undefined {
  return tableQuantizerNames.find((name) => name === type)
}

function blockLengthOf(value: string): TableBlockLength {
  const found = tableBlockLengths.find((length) => String(length) === value)
  if (found !== undefined) return found
  throw new InvalidArgumentError(`Expected one of ${tableBlockLengths.join(', ')}.`)
}
