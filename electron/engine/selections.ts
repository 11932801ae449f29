import { statSync } from 'node:fs'
import { openingRunData, type DataRequest, type OpenModel, type RunData } from '../../core/index.js'
import type { Choices } from '../ipc/choices.js'
import type { Selection } from '../ipc/selection.js'
import type { KnownFiles } from './known-files.js'
import type { ModelCache } from './model-cache.js'
import { inPieces, type Task } from './tasks.js'

/** Rows are set aside by this seed where the person names none. */
export const defaultSeed = 42

/** A model with the rows that were chosen for it. */
export interface OpenSelection {
  readonly model: OpenModel
  readonly data: RunData
  /** What a chat template shows, and what the job will say. */
  readonly date: Date
}

export interface SelectionsOptions {
  readonly files: KnownFiles
  readonly models: ModelCache
  readonly today: () => Date
  /** Where the tokens of many rows go. */
  readonly scratchFolder: () => string
}

/** Opens what was chosen in the first two steps. The last one is kept, because each later step asks for it again. */
export class Selections {
  readonly #options: SelectionsOptions
  #open: { readonly key: string; readonly selection: OpenSelection } | null = null

  constructor(options: SelectionsOptions) {
    this.#options = options
  }

  /**
   * The rows as training with these choices would see them.
   *
   * @throws EngineError of `openModel` and `openRunData`, 'unknown-item', 'cancelled'
   */
  async openToTrain(chosen: Selection, choices: Choices, task: Task): Promise<OpenSelection> {
    const { seed, keepBase } = choices
    const keepPath = keepBase === null ? null : this.#options.files.find(keepBase.text, 'data').path
    return this.#openWith(
      chosen,
      { seed: seed ?? defaultSeed, skipBadRows: chosen.leaveOutBadRows, keepPath },
      task,
    )
  }

  /** The rows to look at, bad ones left out. @throws as `openToTrain` */
  async openToCheck(chosen: Selection, task: Task): Promise<OpenSelection> {
    return this.#openWith(chosen, { seed: defaultSeed, skipBadRows: true, keepPath: null }, task)
  }

  async #openWith(
    chosen: Selection,
    choices: Pick<DataRequest, 'seed' | 'skipBadRows' | 'keepPath'>,
    task: Task,
  ): Promise<OpenSelection> {
    const { files, models } = this.#options
    const date = dayOf(this.#options.today())
    const modelPath = files.find(chosen.model, 'model').path
    const request: DataRequest = {
      path: files.find(chosen.train, 'data').path,
      devPath: chosen.dev === null ? null : files.find(chosen.dev, 'data').path,
      task: chosen.task,
      ...choices,
      limit: null,
      maximumTokens: chosen.maximumTokens,
      selection: chosen.rows,
      hasSignatures: true,
      scratchFolder: this.#options.scratchFolder(),
    }
    const key = JSON.stringify([
      request,
      date,
      [modelPath, request.path, request.devPath, choices.keepPath ?? null].map(stampOf),
    ])
    if (this.#open?.key !== key) {
      this.#open = null
      const model = await models.open(modelPath, date, task)
      this.#open = { key, selection: { model, data: await readRows(request, model, task), date } }
    }
    return this.#open.selection
  }
}

function readRows(request: DataRequest, model: OpenModel, task: Task): Promise<RunData> {
  return inPieces(openingRunData(request, model), task, (count) =>
    task.progress('making-tokens', count, null, 'rows'),
  )
}

/** Tells a file from what it was before. */
function stampOf(path: string | null): string {
  const stats = path === null ? undefined : statSync(path, { throwIfNoEntry: false })
  return `${path ?? ''} ${stats?.size ?? ''} ${stats?.mtimeMs ?? ''}`
}

/** Midnight: a template shows days, and all that one day opens can be shared. */
function dayOf(date: Date): Date {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()))
}
