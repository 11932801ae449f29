import { InvalidArgumentError, type Command } from 'commander'
import { choosePrecision, requirePrecision, type PrecisionReason } from '../engine/choose-precision.js'
import type { Device } from '../runtime/device.js'
import { precision, type Precision } from '../schema/precision.js'

/** The flag that says in what numbers products are taken. */
export interface PrecisionOptions {
  readonly precision: Precision | 'auto'
}

/** Adds that flag. */
export function withPrecisionOption(command: Command): Command {
  return command.option(
    '--precision <name>',
    `one of ${choices.join(', ')}: of the products with the model's matrices; auto takes float16 on a GPU that is faster with it`,
    precisionName,
    'auto',
  )
}

/**
 * The precision that a command takes on a device.
 *
 * @param isGraph a model that runs by its own graph computes in that graph's numbers, so that `auto` is float32
 * @throws EngineError 'not-available' where the flag asks for what the device does not have
 */
export async function precisionOf(
  { precision: name }: PrecisionOptions,
  device: Device,
  isGraph = false,
): Promise<Precision> {
  const now = (): number => performance.now()
  if (name === 'auto' && isGraph) return 'float32'
  if (name === 'auto') return (await choosePrecision(device, now)).precision
  await requirePrecision(name, device, now)
  return name
}

/** Why `auto` takes what it takes. */
export function precisionText(reason: PrecisionReason): string {
  switch (reason.kind) {
    case 'device-has-no-memory':
      return 'float16 gains nothing there'
    case 'halves-missing':
      return `no float16: ${reason.reason}`
    case 'halves-are-wrong':
      return `float16 gives something else than float32 there (relative error ${reason.error.toExponential(1)})`
    default: {
      const [half, float] = [reason.halfGigaflops, reason.floatGigaflops].map((speed) => speed.toFixed(0))
      return `it multiplies float16 at ${half} GFLOP/s, float32 at ${float}`
    }
  }
}

const choices: readonly string[] = ['auto', ...precision.options]

function precisionName(value: string): Precision | 'auto' {
  if (choices.includes(value)) return value as Precision | 'auto'
  throw new InvalidArgumentError(`Expected one of ${choices.join(', ')}.`)
}
