import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../formats/atomic-file.js'
import { makeFolder } from '../formats/make-folder.js'
import { EngineError } from '../schema/engine-error.js'
import { jobVersion, trainJob, type TrainJob } from '../schema/job.js'
import { writeState } from './state-file.js'

/** The files of a run. Whole files are replaced atomically, logs only grow. */
export interface RunFolder {
  readonly path: string
  readonly jobPath: string
  readonly journalPath: string
  readonly metricsPath: string
  /** Where the run begins, if at the state of an earlier one. */
  readonly startPath: string
  /** State, and the update rule's memory, of a run with exact gradients. */
  readonly checkpointPath: string
  /** State, and losses of the dev rows, at the best evaluation so far. */
  readonly bestStatePath: string
  readonly bestLossesPath: string
  /** Losses of the dev rows before training. */
  readonly baseLossesPath: string
  readonly featuresPath: string
  /** What enters blocks, where it is kept in a file while the run goes. */
  readonly statesPath: string
  readonly lockPath: string
  /** Where the model is that was quantized for this run. */
  readonly quantizedPath: string
}

const quantizedName = 'quantized'

/** The paths of the run in folder `path`, whether it exists or not. */
export function runFolder(path: string): RunFolder {
  const file = (name: string) => join(resolve(path), name)
  return {
    path: resolve(path),
    jobPath: file('job.json'),
    journalPath: file('journal.jsonl'),
    metricsPath: file('metrics.jsonl'),
    startPath: file('start.state'),
    checkpointPath: file('checkpoint.state'),
    bestStatePath: file('best.state'),
    bestLossesPath: file('best-losses.json'),
    baseLossesPath: file('base-losses.json'),
    featuresPath: file('features.f32'),
    statesPath: file('states.f32'),
    lockPath: file('run.lock'),
    quantizedPath: file(quantizedName),
  }
}

/** True where the folder holds a run. */
export function isRunFolder(path: string): boolean {
  return existsSync(runFolder(path).jobPath)
}

/**
 * Checks that a new run can be made in this folder, before anything long is done.
 *
 * @throws EngineError 'file-exists' where there is something in it
 */
export function refuseUsedFolder({ path, jobPath }: RunFolder): void {
  if (!existsSync(path)) return
  if (existsSync(jobPath)) {
    const message = `${path} already holds a run; go on with 'zerotune resume', or choose another --out`
    throw new EngineError('file-exists', { path }, message)
  }
  if (readdirSync(path).some((name) => !isLeftover(name) && name !== quantizedName)) {
    throw new EngineError('file-exists', { path }, `${path} is not empty; choose a new folder for --out`)
  }
}

/** Removes what a killed process may have left half written. Call it with the run locked. */
export function removeLeftovers({ path }: RunFolder): void {
  for (const name of readdirSync(path).filter(isLeftover)) rmSync(join(path, name), { force: true })
}

/** True for a file that was being written when its process ended. */
function isLeftover(name: string): boolean {
  return name.startsWith('.zerotune-') && name.endsWith('.tmp')
}

/**
 * Makes a run's folder with its job.
 *
 * @param startState where the job begins, if not at the model as it is
 * @throws EngineError 'file-exists', 'file-unwritable'
 */
export function createRun(folder: RunFolder, job: TrainJob, startState: Uint8Array | null = null): void {
  refuseUsedFolder(folder)
  makeFolder(folder.path)
  if (startState !== null) writeState(folder.startPath, { step: 0, state: startState })
  writeFileAtomic(folder.jobPath, `${JSON.stringify(job, null, 2)}\n`, { overwrite: false })
}

/**
 * Reads the job of a run.
 *
 * @throws EngineError 'file-unreadable', 'run-invalid', 'version-newer'
 */
export function readJob({ path, jobPath }: RunFolder): TrainJob {
  const notARun = (reason: string): EngineError =>
    new EngineError('file-unreadable', { path }, `${path} is not a run: ${reason}`)
  if (!existsSync(path)) throw notARun('there is no such folder')
  if (!existsSync(jobPath)) throw notARun('there is no job.json in it')
  let value: unknown
  try {
    value = JSON.parse(readFileSync(jobPath, 'utf8'))
  } catch (thrown) {
    throw notARun(`job.json could not be read (${thrown instanceof Error ? thrown.message : String(thrown)})`)
  }
  const { data: found } = z.object({ version: z.number() }).safeParse(value)
  if (found !== undefined && found.version > jobVersion) {
    throw new EngineError(
      'version-newer',
      { path: jobPath, found: found.version, supported: jobVersion },
      `${jobPath} was written by a newer Zerotune (job version ${found.version}; this one reads ${jobVersion})`,
    )
  }
  const job = trainJob.safeParse(value)
  if (job.success) return job.data
  const where = job.error.issues.map((issue) => issue.path.join('.')).join(', ')
  throw new EngineError('run-invalid', { path: jobPath, where }, `${jobPath} is not a job: check ${where}`)
}
