import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  EngineError,
  exportAdapter,
  exportGguf,
  exportGgufLora,
  exportingGguf,
  exportOnnxModel,
  makeFolder,
  modelfile,
  openModel,
  readMetadataAt,
  writeFileAtomic,
  type Dataset,
  type LabelOptions,
  type TrainedRun,
} from '../../core/index.js'
import type { ParsedInput } from '../ipc/contract.js'
import type { ExportCheck, ExportFinding, ExportRecord } from '../ipc/exports.js'
import type { EngineContext } from './context.js'
import type { ExportRecords } from './export-records.js'
import { exportTarget, fileName, type ExportTarget } from './export-targets.js'
import { createInOllama, findOllama } from './ollama.js'
import { compareLosses, proveExport, type Proof } from './prove-export.js'
import { shownPath } from './shown-path.js'
import { inPieces, type Task } from './tasks.js'

/** An export that is about to be made. */
export interface ExportOrder {
  readonly request: ParsedInput<'export.write'>
  readonly run: TrainedRun
  /** Held-out rows; null where their file is gone. */
  readonly rows: Dataset | null
  /** Real folder that it goes into. */
  readonly folder: string
  readonly card: string
}

/** Writes what a run made, reads it back, tries it, and only then says that it is there. */
export async function writeExport(
  { request, run, rows, folder, card }: ExportOrder,
  context: EngineContext,
  records: ExportRecords,
  task: Task,
): Promise<ExportRecord> {
  const { format, name, runId } = request
  const target = exportTarget(format, folder, name)
  refuseExisting(target)
  makeFolder(dirname(target.path))
  task.progress('writing', 0, null, 'bytes')
  await task.breathe()
  const { byteLength, checks } = await writeFiles(run, request, target, context, task)
  const proved = await prove(run, rows, request, target, context, task)
  const imported = await importInto(target, { request, run, rows }, task, context)
  task.progress('writing-card', 0, 1, 'files')
  await task.breathe()
  writeFileAtomic(target.cardPath, card)
  return records.add(
    {
      runId,
      step: run.step,
      format,
      name,
      location: shownPath(target.path, context.config().homeFolder),
      writtenBytes: byteLength,
      writtenAt: context.today().toISOString(),
      checks: [...checks, ...proved.checks, ...imported],
      proof: proved.proof,
    },
    target.path,
  )
}

async function writeFiles(
  run: TrainedRun,
  { format, step, type }: ExportOrder['request'],
  { path }: ExportTarget,
  { devices }: EngineContext,
  task: Task,
): Promise<{ byteLength: number; checks: ExportCheck[] }> {
  const { model, parameters } = run
  if (format === 'adapter') {
    const { byteLength } = exportAdapter(run, path)
    return { byteLength, checks: [readBack({ code: 'rebuilt', step })] }
  }
  if (format === 'gguf-lora') {
    const request = { model: model.model.description, changes: parameters, target: path }
    const { byteLength, trainedTensorCount } = exportGgufLora(request)
    return { byteLength, checks: [readBack({ code: 'branches-exact', tensorCount: trainedTensorCount })] }
  }
  if (format === 'onnx') {
    const written = await exportOnnxModel({
      folder: path,
      model: model.model,
      trained: parameters,
      tokenizer: model.tokenizer,
      metadata: readMetadataAt(model.model.path),
      device: devices.processor(),
    })
    return { byteLength: written.byteLength, checks: [readBack(findingOf(written))] }
  }
  const request = { basePath: model.model.path, target: path, changes: parameters }
  const { byteLength, trainedTensorCount, keepsBase } =
    type === null
      ? exportGguf(request)
      : await inPieces(exportingGguf({ ...request, type }), task, ({ done, count }) =>
          task.progress('writing', done, count, 'tensors'),
        )
  const code = keepsBase ? 'tensors-changed' : 'tensors-changed-of-all'
  return { byteLength, checks: [readBack({ code, tensorCount: trainedTensorCount })] }
}

function findingOf(written: Awaited<ReturnType<typeof exportOnnxModel>>): ExportFinding {
  if ('logitDifference' in written) return { code: 'logits-same', difference: written.logitDifference }
  return { code: 'tensors-changed', tensorCount: written.trainedTensorCount }
}

function readBack(finding: ExportFinding): ExportCheck {
  return { check: 'read-back', passed: true, finding }
}

/** An adapter of either kind needs the base model to run. */
function isWholeModel(format: ExportOrder['request']['format']): boolean {
  return format !== 'adapter' && format !== 'gguf-lora'
}

/** What can be said only of something that runs. */
async function prove(
  run: TrainedRun,
  rows: Dataset | null,
  { format, type }: ExportOrder['request'],
  { path }: ExportTarget,
  { devices }: EngineContext,
  task: Task,
): Promise<Omit<Proof, 'proof'> & { readonly proof: ExportRecord['proof'] }> {
  if (!isWholeModel(format)) return { proof: null, checks: [] }
  task.progress('proving', 0, null, 'rows')
  await task.breathe()
  const { proof, checks } = await proveExport(path, run, rows, devices.processor(), task)
  if (format === 'onnx' || rows === null) return { proof, checks }
  const exported = openModel(path, new Date(run.job.date))
  try {
    return {
      proof,
      checks: [
        await compareLosses(run, type === null, exported, rows, await devices.chosen(), task),
        ...checks,
      ],
    }
  } finally {
    exported.model.close()
  }
}

/** Writes the Modelfile, and gives the model to Ollama where it is installed. */
async function importInto(
  { path, modelfilePath }: ExportTarget,
  { request: { name, system }, run: { job, model }, rows }: Pick<ExportOrder, 'request' | 'run' | 'rows'>,
  task: Task,
  { config }: EngineContext,
): Promise<ExportCheck[]> {
  if (modelfilePath === null) return []
  const { tokenizer } = model
  const template = readMetadataAt(model.model.path).get('tokenizer.chat_template')
  const text = modelfile({
    modelPath: path,
    task: job.task,
    chatTemplate: typeof template === 'string' ? template : null,
    system,
    stops: [...tokenizer.endIds].map((id) => tokenizer.decode([id], { keepSpecial: true })),
    contextLength: model.model.description.contextLength,
    labelTokens: rows?.objective.kind === 'labels' ? longestLabel(rows.objective.options) : null,
  })
  writeFileAtomic(modelfilePath, text, { overwrite: false })
  const program = findOllama(config().searchPath)
  if (program === null) {
    const command = `ollama create ${fileName(name)} -f ${modelfilePath}`
    return [{ check: 'imported', passed: null, finding: { code: 'ollama-missing', command } }]
  }
  task.progress('importing', 0, null, 'bytes')
  const { isDone, words } = await createInOllama(program, fileName(name), modelfilePath, task.signal)
  return [{ check: 'imported', passed: isDone, finding: { code: 'ollama-said', words } }]
}

function longestLabel(options: LabelOptions): number {
  return Math.max(1, ...options.map(({ tokens }) => tokens.length))
}

function refuseExisting({ path, modelfilePath }: ExportTarget): void {
  const existing = [path, modelfilePath].find((each) => each !== null && existsSync(each))
  if (existing == null) return
  const message = `'${existing}' already exists and is not written over; choose another name`
  throw new EngineError('file-exists', { path: existing }, message)
}
