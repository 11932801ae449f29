import { Option, type Command } from 'commander'
import type { GgufType } from '../schema/gguf-type.js'
import { calibratedRoundings, type CalibratedRounding } from '../export/calibrated/round-layers.js'
import { canRound, roundings, type Rounding } from '../quantization/encode-rows.js'
import { isEvenType } from '../quantization/encoders/even-blocks.js'
import { requestInvalid } from '../schema/request-invalid.js'

/** The flags that say how blocks of another type are found. */
export interface RoundingOptions {
  readonly rounding?: Rounding | CalibratedRounding
  readonly calibration?: string
}

/** Adds those flags. @param text where calibration text comes from unless said */
export function withRoundingOptions(command: Command, text: string): Command {
  return command
    .addOption(
      new Option(
        '--rounding <way>',
        'of blocks: search for the least squared error (default); nearest codes as llama.cpp has them, which is faster; or by what the model reads: gptq makes up for the error of each column in the next ones, awq scales columns by what they meet before a search, awq-gptq does both, svd scales them and splits each matrix into codes and a low-rank branch beside the file',
      ).choices([...roundings, ...calibratedRoundings]),
    )
    .option('--calibration <file>', `what it reads for them: text, or rows with a column 'text' (${text})`)
}

/**
 * Whether blocks are rounded by what a model reads; null for not.
 *
 * @param isReadAnyway whether the text is for something else too
 * @throws EngineError 'request-invalid' for flags that do not go with the type, or with each other
 */
export function calibratedRounding(
  type: GgufType,
  { rounding = 'search', calibration }: RoundingOptions,
  isReadAnyway = false,
): CalibratedRounding | null {
  const calibrated = calibratedRoundings.find((way) => way === rounding) ?? null
  if (calibration !== undefined && calibrated === null && !isReadAnyway) {
    throw requestInvalid(
      `--calibration is for --rounding ${calibratedRoundings.join(', ')}; '${rounding}' reads nothing`,
    )
  }
  const name = type.toUpperCase()
  const isPossible = calibrated === null ? canRound(name, plainRounding({ rounding })) : isEvenType(name)
  if (isPossible) return calibrated
  const reason = type === 'f16' ? 'has no blocks' : 'has blocks inside blocks, which are always searched'
  throw requestInvalid(`${type} ${reason}: leave --rounding out`)
}

/** How tensors are rounded that no calibration is for. */
export function plainRounding({ rounding }: RoundingOptions): Rounding {
  return roundings.find((way) => way === rounding) ?? 'search'
}

/** How a run is rounded to another type. */
export interface RoundingWay {
  readonly plain: Rounding
  readonly calibrated: CalibratedRounding | null
  /** A text file; undefined for the run's own rows. */
  readonly calibration: string | undefined
}

/**
 * How the flags of an export say that a run is rounded.
 *
 * @throws EngineError 'request-invalid' for flags without a type, and as `calibratedRounding`
 */
export function roundingOfExport(type: GgufType | undefined, options: RoundingOptions): RoundingWay {
  const { rounding, calibration } = options
  if (type === undefined && (rounding !== undefined || calibration !== undefined)) {
    throw requestInvalid(
      "--rounding and --calibration are for --type; the base's own types are kept without it",
    )
  }
  const calibrated = type === undefined ? null : calibratedRounding(type, options)
  if (calibrated === 'svd') {
    throw requestInvalid(
      "--rounding svd writes two files: export with --type f16, then 'zerotune convert' that",
    )
  }
  return { plain: plainRounding(options), calibrated, calibration }
}
