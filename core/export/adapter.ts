import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import { writeFileAtomic } from '../formats/atomic-file.js'
import { adapterVersion, type AdapterManifest, type AdapterStep } from '../schema/adapter.js'
import { EngineError } from '../schema/engine-error.js'
import type { TrainJob } from '../schema/job.js'
import { programVersion } from '../schema/version.js'
import { readLog } from '../training/checked-log.js'
import type { TrainedRun } from '../training/open-trained.js'
import { createParameters } from '../training/recipes.js'
import { journalLine, metricsLine } from '../training/run-records.js'
import type { TrainedParameters } from '../parameters/trained-parameters.js'

/** The trained difference as a file of kilobytes: how the state came about, not the state. */
export interface Adapter {
  readonly manifest: AdapterManifest
  readonly steps: readonly AdapterStep[]
}

/**
 * Writes the adapter of a run: gzip of JSON lines, the manifest and then a line a step up to the best state. Losses are left
 * out, because rebuilding needs only seeds and moves. The rebuilt state is compared with the run's before anything is written.
 *
 * @returns bytes of the file
 * @throws EngineError 'run-invalid' where the journal does not lead to the state, 'file-exists', 'file-unwritable'
 */
export function exportAdapter(run: TrainedRun, target: string): { adapter: Adapter; byteLength: number } {
  const adapter = adapterOf(run)
  const rebuilt = createParameters(run.job.recipe, run.model.model)
  takeSteps(rebuilt, adapter)
  if (stateHash(rebuilt) !== adapter.manifest.stateSha256) {
    const path = run.folder.journalPath
    const where = `steps 0-${run.step - 1}`
    throw new EngineError(
      'run-invalid',
      { path, where },
      `${path}: ${where} do not lead to the state in best.state`,
    )
  }
  const lines = [adapter.manifest, ...adapter.steps].map((line) => `${JSON.stringify(line)}\n`)
  const bytes = gzipSync(lines.join(''), { level: 9 })
  writeFileAtomic(target, bytes, { overwrite: false })
  return { adapter, byteLength: bytes.byteLength }
}

/** SHA-256 of a trained state, in hexadecimal. */
export function stateHash(parameters: TrainedParameters): string {
  return createHash('sha256').update(parameters.save()).digest('hex')
}

/** Moves parameters, which must be at their initial state, to the adapter's. */
export function takeSteps(parameters: TrainedParameters, { steps }: Adapter): void {
  for (const [seed, ...moves] of steps) parameters.move(seed, moves)
}

function adapterOf({ folder, job, model, parameters, step }: TrainedRun): Adapter {
  const journal = readLog(folder.journalPath, (value) => journalLine.parse(value))
  const metrics = readLog(folder.metricsPath, (value) => metricsLine.parse(value))
  const steps = journal.slice(0, step).map(({ seed, move }): AdapterStep => [seed, ...move])
  const figuresAt = (wanted: number) => {
    const line = metrics.find((each) => each.step === wanted)
    if (line !== undefined) return { loss: line.loss, accuracy: line.accuracy, examples: line.examples }
    const where = `step ${wanted}`
    const path = folder.metricsPath
    throw new EngineError('run-invalid', { path, where }, `${path} has no evaluation after ${where}`)
  }
  return {
    manifest: {
      format: 'zerotune-adapter',
      version: adapterVersion,
      program: programVersion,
      base: { name: model.model.description.name, sha256: model.sha256, byteLength: model.byteLength },
      job: withoutPaths(job),
      steps: steps.length,
      trainedNumbers: parameters.count,
      stateSha256: stateHash(parameters),
      before: figuresAt(0),
      after: figuresAt(step),
    },
    steps,
  }
}

/** Where files lie on one machine is nothing to share. */
function withoutPaths(job: TrainJob): TrainJob {
  const { model, data } = job
  const dev = data.dev === null ? null : { ...data.dev, path: basename(data.dev.path) }
  return {
    ...job,
    model: { ...model, path: basename(model.path) },
    data: { ...data, path: basename(data.path), dev },
  }
}
