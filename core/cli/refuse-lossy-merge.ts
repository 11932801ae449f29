import { rmSync } from 'node:fs'
import { linearNames } from '../model/description.js'
import { EngineError } from '../schema/engine-error.js'
import { readLog } from '../training/checked-log.js'
import type { TrainedRun } from '../training/open-trained.js'
import { metricsLine } from '../training/run-records.js'
import type { Rounding } from './compare-rounding.js'

/**
 * Low-rank branches are merged as well as the types of a file can hold them, which may not be well enough: such a file is
 * removed.
 *
 * @throws EngineError 'merge-lossy' where the merged file has a higher loss than the model before training
 */
export function refuseLossyMerge(run: TrainedRun, { before, after }: Rounding, target: string): void {
  const start = readLog(run.folder.metricsPath, (value) => metricsLine.parse(value)).find(
    ({ step }) => step === 0,
  )
  if (start === undefined || !hasBranches(run)) return
  const gained = start.loss - before.loss
  const lost = after.loss - before.loss
  if (lost <= gained) return
  rmSync(target, { recursive: true })
  const message = `merged into the file's own types, rounding would take ${lost.toFixed(4)} of the ${gained.toFixed(4)} nats that training gave: export with --format gguf-lora or onnx, which keep the branches exactly`
  throw new EngineError('merge-lossy', { gained, lost }, message)
}

function hasBranches({ parameters, model }: TrainedRun): boolean {
  return model.model.blocks.some((_, layer) =>
    linearNames.some((linear) => (parameters.branch?.(layer, linear) ?? null) !== null),
  )
}
