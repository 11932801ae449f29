import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../schema/engine-error.js'
import type { RunFolder } from './run-folder.js'
import { writeState, type SavedState } from './state-file.js'

/** What the states of one run may take on disk. */
const usualMostBytes = 256e6
/** States of which fewer would fit are not kept: too few to look back at. */
const fewestStates = 4

const fileName = /^at-(\d+)\.state$/

/** The file of the state after `step` steps, where it is kept. */
export function evaluatedStatePath({ path }: RunFolder, step: number): string {
  return join(path, `at-${step}.state`)
}

/** Steps whose states are kept, ascending. */
export function evaluatedSteps({ path }: RunFolder): number[] {
  const steps = readdirSync(path).flatMap((name) => fileName.exec(name)?.[1] ?? [])
  return steps.map(Number).toSorted((left, right) => left - right)
}

/**
 * Keeps the state of an evaluation, so that a run whose steps cannot be replayed can be looked back at. Where they grow beyond
 * `mostBytes`, every second of those that lie closest together goes.
 */
export function keepEvaluatedState(
  folder: RunFolder,
  saved: SavedState,
  mostBytes: number = usualMostBytes,
): void {
  const { byteLength } = saved.state
  if (byteLength > mostBytes / fewestStates) return
  try {
    writeState(evaluatedStatePath(folder, saved.step), saved)
  } catch (thrown) {
    // The run needs none of them; what it does need says when the disk is full.
    if (thrown instanceof EngineError && thrown.code === 'file-unwritable') return
    throw thrown
  }
  for (
    let steps = evaluatedSteps(folder);
    steps.length * byteLength > mostBytes;
    steps = evaluatedSteps(folder)
  ) {
    const gap = Math.min(...steps.slice(1).map((step, index) => step - steps[index]))
    const odd = steps.slice(0, -1).filter((step) => step % (2 * gap) !== 0)
    for (const step of odd.length > 0 ? odd : steps.slice(0, 1)) {
      rmSync(evaluatedStatePath(folder, step), { force: true })
    }
  }
}
