import type { Command } from 'commander'
import { openTextModel, type TextModel } from '../training/open-text-model.js'
import { deviceOf, onProcessor, withDeviceOptions, type DeviceOptions } from './device.js'
import { modelHashes } from './model-hashes.js'
import { integer, nonNegativeNumber, share } from './option-values.js'
import { withOutputOptions } from './shared-options.js'
import type { OutputOptions } from './output.js'

/** Flags of the commands that write text. */
export interface GenerationOptions extends OutputOptions, DeviceOptions {
  readonly maxTokens: number
  readonly temperature: number
  readonly topP: number
  readonly seed: number
}

/** Adds those flags. */
export function withGenerationOptions(command: Command, temperature: number): Command {
  return withOutputOptions(
    withDeviceOptions(
      command
        .option('--max-tokens <n>', 'tokens of an answer, at most', integer(1), 256)
        .option('--temperature <x>', '0 for the most likely token', nonNegativeNumber, temperature)
        .option('--top-p <x>', 'choose among the most likely tokens that sum to this share', share, 0.95)
        .option('--seed <n>', 'same seed, same text', integer(0), 42),
    ),
  )
}

/** What decides which token comes next. */
export function samplingOf({ temperature, topP }: GenerationOptions) {
  return { temperature, topP }
}

/** Opens a model, a run or an ONNX folder; `use` has it until it ends. */
export async function withTextModel<T>(
  path: string,
  options: DeviceOptions,
  use: (model: TextModel) => Promise<T>,
): Promise<T> {
  const device = await deviceOf(options, onProcessor)
  const opened = await openTextModel(path, device, new Date(), modelHashes())
  try {
    return await use(opened)
  } finally {
    await opened.model.close()
  }
}
