import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { LoadedModel } from '../engine/loaded-model.js'
import { writeFileAtomic } from '../formats/atomic-file.js'
import { adapterVersion, type AdapterManifest, type AdapterStep } from '../schema/adapter.js'
import { EngineError } from '../schema/engine-error.js'
import type { TrainJob } from '../schema/job.js'
import { programVersion } from '../schema/version.js'
import { readLog } from '../training/checked-log.js'
import type { TrainedRun } from '../training/open-trained.js'
import { createParameters, createProbedParameters } from '../training/recipes.js'
import { isProbeLine, journalLine, metricsLine, type ProbeLine } from '../training/run-records.js'
import { isMagnitudeStep } from '../training/search-magnitudes.js'
import { stepMover } from '../training/step-mover.js'
import type { TrainedState } from '../parameters/trained-parameters.js'

/** The trained difference as a small file: how the state came about, or where no whole numbers say that, the state. */
export interface Adapter {
  readonly manifest: AdapterManifest
  readonly content:
    | { readonly kind: 'steps'; readonly steps: readonly AdapterStep[] }
    | { readonly kind: 'state'; readonly state: Uint8Array }
}

/**
 * Writes the adapter of a run: gzip of JSON lines, the manifest and then a line a step up to the best state, or one line with
 * that state. Losses are left out, because rebuilding needs only seeds and moves. What it rebuilds is compared with the run
 * before anything is written.
 *
 * @returns bytes of the file
 * @throws EngineError 'run-invalid' where the journal does not lead to the state, 'file-exists', 'file-unwritable'
 */
export function exportAdapter(run: TrainedRun, target: string): { adapter: Adapter; byteLength: number } {
  const adapter = adapterOf(run)
  if (stateHash(rebuildState(adapter, run.model.model)) !== adapter.manifest.stateSha256) {
    const path = run.folder.journalPath
    const where = `steps 0-${run.step - 1}`
    throw new EngineError(
      'run-invalid',
      { path, where },
      `${path}: ${where} do not lead to the state in best.state`,
    )
  }
  const lines = [adapter.manifest, ...contentLines(adapter)].map((line) => `${JSON.stringify(line)}\n`)
  const bytes = gzipSync(lines.join(''), { level: 9 })
  writeFileAtomic(target, bytes, { overwrite: false })
  return { adapter, byteLength: bytes.byteLength }
}

/** SHA-256 of a trained state, in hexadecimal. */
export function stateHash(parameters: TrainedState): string {
  return createHash('sha256').update(parameters.save()).digest('hex')
}

/** The trained state that an adapter describes. @throws EngineError 'adapter-invalid' where the state has another size */
export function rebuildState({ manifest, content }: Adapter, model: LoadedModel): TrainedState {
  const { recipe, steps, seed: runSeed } = manifest.job
  if (recipe.estimator === 'probes' && content.kind === 'steps') {
    const parameters = createProbedParameters(recipe, model)
    const take = stepMover(parameters, { recipe, steps, seed: runSeed })
    const layerCount = recipe.endLayer - recipe.firstLayer
    content.steps.forEach(([seed, ...numbers], step) => {
      const end = numbers.length - (isMagnitudeStep(recipe, step) ? layerCount : 0)
      const magnitudes = end < numbers.length ? { magnitudes: numbers.slice(end) } : {}
      take(step, { seed, move: numbers.slice(0, end), ...magnitudes })
    })
    return parameters
  }
  const parameters = createParameters(recipe, model)
  const expected = parameters.save().byteLength
  const found = content.kind === 'state' ? content.state.byteLength : 0
  if (content.kind === 'steps' || found !== expected) {
    const where = `the state: expected ${expected} bytes, found ${found}`
    throw new EngineError('adapter-invalid', { path: manifest.base.name, where }, `no adapter: ${where}`)
  }
  parameters.load(content.state)
  return parameters
}

function contentLines({ content }: Adapter): readonly unknown[] {
  return content.kind === 'steps' ? content.steps : [{ state: Buffer.from(content.state).toString('base64') }]
}

/** The steps that lead to the best state, or that state where no moves from the model lead to it. */
function contentOf({ folder, job, parameters, step }: TrainedRun): Adapter['content'] {
  if (job.recipe.estimator === 'gradients' || job.start !== null)
    return { kind: 'state', state: parameters.save() }
  const journal = readLog(folder.journalPath, (value) => journalLine.parse(value)).filter(isProbeLine)
  return { kind: 'steps', steps: journal.slice(0, step).map(stepOf) }
}

function stepOf({ seed, move, magnitudes = [] }: ProbeLine): AdapterStep {
  return [seed, ...move, ...magnitudes]
}

function adapterOf(run: TrainedRun): Adapter {
  const { folder, job, model, parameters, step } = run
  const metrics = readLog(folder.metricsPath, (value) => metricsLine.parse(value))
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
      steps: step,
      trainedNumbers: parameters.count,
      stateSha256: stateHash(parameters),
      before: figuresAt(0),
      after: figuresAt(step),
    },
    content: contentOf(run),
  }
}

/** Where files lie on one machine, and the text of rows, is nothing to share. */
function withoutPaths(job: TrainJob): TrainJob {
  const { model, data, keepBase } = job
  const dev = data.dev === null ? null : { ...data.dev, path: basename(data.dev.path) }
  return {
    ...job,
    model: { ...model, path: basename(model.path) },
    data: { ...data, path: basename(data.path), dev, selection: { ...data.selection, corrections: [] } },
    keepBase: keepBase && { ...keepBase, path: basename(keepBase.path) },
  }
}
