import { Option, type Command } from 'commander'
import { kurtailRotations } from '../export/rotated/kurtail.js'
import {
  hadamardRotations,
  rotationNames,
  type RotationName,
  type Rotations,
} from '../export/rotated/rotations.js'
import type { MeanKurtosis } from '../export/rotated/rotation-learner.js'
import { turnModel } from '../export/rotated/turn-model.js'
import type { OpenGguf } from '../formats/gguf/open-gguf.js'
import { describeModel } from '../model/describe-model.js'
import type { Device } from '../runtime/device.js'
import type { Output } from './output.js'

/** The flag that says by what a model is turned before it is rounded. */
export interface RotationOptions {
  readonly rotate?: RotationName
}

/** Adds that flag. */
export function withRotationOptions(command: Command): Command {
  return command.addOption(
    new Option(
      '--rotate <way>',
      'before rounding, turns hidden states and values so that no channel sticks out, which changes nothing that the model computes: hadamard by random matrices, kurtail by matrices that are learned from --calibration; an output that was the embedding becomes a matrix of its own',
    ).choices([...rotationNames]),
  )
}

/** What a model is turned by. */
export interface Turning {
  readonly rotation: RotationName
  readonly device: Device
  /** Text that matrices are learned from; at least a row of it for `kurtail`. */
  readonly rows: readonly Int32Array[]
}

/** The model turned, to be closed in place of `opened`. Throws as `turnModel` and `kurtailRotations`. */
export async function turnShowing(
  opened: OpenGguf,
  { rotation, device, rows }: Turning,
  target: string,
  output: Output,
): Promise<OpenGguf> {
  const rotations =
    rotation === 'hadamard'
      ? hadamardRotations(describeModel(opened.file, opened.source))
      : await learnShowing(opened, device, rows, target, output)
  return turnModel(opened, rotations, device, target, (layer, count) =>
    output.live(`turning layer ${layer + 1} of ${count}`),
  )
}

async function learnShowing(
  opened: OpenGguf,
  device: Device,
  rows: readonly Int32Array[],
  target: string,
  output: Output,
): Promise<Rotations> {
  const onProgress = (what: 'layer' | 'step', done: number, count: number): void =>
    output.live(`${what === 'layer' ? 'reading layer' : 'learning a rotation, step'} ${done + 1} of ${count}`)
  const { rotations, residual, values } = await kurtailRotations(opened, device, rows, target, onProgress)
  output.result({ kurtosis: { residual, values } }, [
    `kurtosis of hidden states: ${kurtosisText(residual)}`,
    `kurtosis of values: ${kurtosisText(values)}`,
  ])
  return rotations
}

function kurtosisText({ plain, started, learned }: MeanKurtosis): string {
  return `${plain.toFixed(2)}, turned by random matrices ${started.toFixed(2)}, by learned ones ${learned.toFixed(2)}`
}
