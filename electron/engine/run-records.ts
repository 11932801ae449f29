import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { EngineError, isRunFolder, makeFolder, runFolder, writeFileAtomic } from '../../core/index.js'
import { endReason, evaluationFigures } from '../../core/schema/events.js'
import { keptFailure, runId as runIdSchema } from '../ipc/names.js'
import { change } from '../ipc/runs.js'

const recordVersion = 1

/** What the app knows of a run beside what its folder says: its name, and how it ended. */
export const runRecord = z.strictObject({
  version: z.literal(recordVersion),
  name: z.string(),
  note: z.string(),
  createdAt: z.iso.datetime(),
  modelName: z.string(),
  trainName: z.string(),
  devName: z.string().nullable(),
  layerCount: z.int(),
  trainedNumbers: z.int().nullable(),
  trainRows: z.int().nullable(),
  devRows: z.int().nullable(),
  notices: z.array(z.string()),
  /** Null while it goes, and where its process ended without a word. */
  end: z
    .strictObject({
      reason: endReason,
      step: z.int(),
      bestStep: z.int(),
      before: evaluationFigures,
      after: evaluationFigures,
      lossChange: change,
      isMeasurable: z.boolean(),
    })
    .nullable(),
  /** Stopped where no end could be told, such as in the middle of an evaluation. */
  isStopped: z.boolean(),
  /** Why it failed. */
  failure: keptFailure.nullable().default(null),
  /** The same in records of earlier versions, in English alone. */
  problem: z.string().nullable().default(null),
})
export type RunRecord = z.infer<typeof runRecord>

const recordFile = 'app.json'
const trashFolder = '.trash'

/** The folders of the app's runs. */
export class RunFolders {
  readonly #root: () => string

  /** @param root folder of all runs, as the settings say */
  constructor(root: () => string) {
    this.#root = root
  }

  /** Names of all runs. */
  list(): string[] {
    if (!existsSync(this.#root())) return []
    return readdirSync(this.#root()).filter(
      (name) => runIdSchema.safeParse(name).success && isRunFolder(this.path(name)),
    )
  }

  /** Where a run is, or would be. */
  path(runId: string): string {
    return join(this.#root(), runId)
  }

  /** The folder of a run that is there. @throws EngineError 'unknown-item' */
  find(runId: string): string {
    const path = this.path(runId)
    if (isRunFolder(path)) return path
    throw unknownRun(runId)
  }

  /** Null for a run of the command line. */
  readRecord(runId: string): RunRecord | null {
    try {
      return runRecord.parse(JSON.parse(readFileSync(join(this.find(runId), recordFile), 'utf8')))
    } catch {
      return null
    }
  }

  writeRecord(runId: string, record: RunRecord): void {
    writeFileAtomic(join(this.path(runId), recordFile), `${JSON.stringify(record, null, 2)}\n`)
  }

  /** Bytes of all files of a run. */
  byteLength(runId: string): number {
    const path = this.path(runId)
    return readdirSync(path)
      .map((name) => statSync(join(path, name), { throwIfNoEntry: false }))
      .reduce((sum, stats) => sum + (stats?.isFile() === true ? stats.size : 0), 0)
  }

  /** Moves a run to the trash, a folder beside the runs. */
  discard(runId: string): void {
    const trash = join(this.#root(), trashFolder)
    makeFolder(trash)
    renameSync(this.find(runId), join(trash, runId))
  }

  /** Takes a run out of the trash. @throws EngineError 'unknown-item' */
  restore(runId: string): void {
    const path = join(this.#root(), trashFolder, runId)
    if (!existsSync(runFolder(path).jobPath)) throw unknownRun(runId)
    renameSync(path, this.path(runId))
  }
}

function unknownRun(runId: string): EngineError {
  return new EngineError('unknown-item', { what: 'run' }, `there is no run '${runId}'`)
}
