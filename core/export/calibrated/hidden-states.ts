import { embed } from '../../engine/embed.js'
import type { Hidden } from '../../engine/block-runner.js'
import type { LoadedModel } from '../../engine/loaded-model.js'
import { ReusedBuffer } from '../../engine/reused-buffer.js'
import { nameless } from './rounded-tensors.js'

/** Rows that run together. */
const rowsPerRun = 4

/**
 * The hidden states of some rows between two blocks, in a file without a name: a run of rows at a time is in memory.
 */
export interface HiddenStates {
  readonly runCount: number
  /** The states of a run of rows; valid until the next call. */
  take(run: number): Hidden
  /** Puts others in their place. @throws EngineError 'file-unwritable' */
  put(run: number, hidden: Hidden): void
  close(): void
}

/**
 * What enters the first block.
 *
 * @param rows all of one length
 * @param target beside which the file lies
 * @throws EngineError 'file-unwritable'
 */
export function enteringStates(
  model: LoadedModel,
  rows: readonly Int32Array[],
  target: string,
): HiddenStates {
  const sequence = rows[0].length
  const { width } = model.description
  const runLength = rowsPerRun * sequence * width
  const buffer = new ReusedBuffer()
  const file = nameless(target, 'file of hidden states')
  const states: HiddenStates = {
    runCount: Math.ceil(rows.length / rowsPerRun),
    take: (run) => {
      const batch = Math.min(rowsPerRun, rows.length - run * rowsPerRun)
      const data = buffer.take(batch * sequence * width)
      file.read(data, 4 * run * runLength)
      return { data, batch, sequence }
    },
    put: (run, { data }) => file.write(data, 4 * run * runLength),
    close: () => file.close(),
  }
  for (let run = 0; run < states.runCount; run++) {
    states.put(run, embed(model, rows.slice(run * rowsPerRun, (run + 1) * rowsPerRun), buffer))
  }
  return states
}
