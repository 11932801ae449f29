import type { DataEntry } from '../../../electron/ipc/data.js'
import type { ModelEntry } from '../../../electron/ipc/models.js'
import type { Choices } from '../../../electron/ipc/choices.js'
import type { RowSelection } from '../../../core/schema/row-selection.js'
import { emptyDraft, type TaskDraft } from './task-draft.js'
import { untouchedChoices } from './untouched-choices.js'

/** Version of the remembered state that this page writes and reads. */
export const wizardVersion = 1

/** Everything a person chose in the wizard: small, plain, remembered across restarts. */
export interface WizardState {
  readonly version: typeof wizardVersion
  readonly model: { readonly entry: ModelEntry; readonly canTrain: boolean } | null
  readonly train: DataEntry | null
  /** Null: rows of the training file are set aside. */
  readonly dev: DataEntry | null
  /** What to learn from a row, finished or not. */
  readonly draft: TaskDraft | null
  readonly leaveOutBadRows: boolean
  readonly maximumTokens: number | null
  /** Which rows are used, and for what. */
  readonly rows: RowSelection
  /** The selection (as JSON) whose rows were read and found usable. */
  readonly checkedSelection: string | null
  /** What was chosen about training; null before the step was opened. */
  readonly choices: Choices | null
  /** The run of this wizard. */
  readonly run: { readonly runId: string; readonly name: string; readonly isDone: boolean } | null
  readonly comparedRunId: string | null
  readonly exportedRunId: string | null
}

/** All rows, as they are. */
export const everyRow: RowSelection = {
  version: 1,
  corrections: [],
  filters: [],
  leaveOut: [],
  leaveOutLines: [],
  isBalanced: false,
  sample: null,
  groupBy: null,
  devRows: null,
  testRows: null,
}

export const emptyWizard: WizardState = {
  version: wizardVersion,
  model: null,
  train: null,
  dev: null,
  draft: null,
  leaveOutBadRows: false,
  maximumTokens: null,
  rows: everyRow,
  checkedSelection: null,
  choices: null,
  run: null,
  comparedRunId: null,
  exportedRunId: null,
}

/** What was remembered; an empty wizard where it is of another version, or none. */
export function readWizard(remembered: unknown): WizardState {
  const isOurs =
    typeof remembered === 'object' &&
    remembered !== null &&
    'version' in remembered &&
    remembered.version === wizardVersion
  if (!isOurs) return emptyWizard
  const state = { ...emptyWizard, ...(remembered as Partial<WizardState>) }
  // What an earlier program remembered lacks the fields that came later.
  return {
    ...state,
    rows: { ...everyRow, ...state.rows },
    draft: state.draft === null ? null : { ...emptyDraft, ...state.draft },
    choices: state.choices === null ? null : { ...untouchedChoices, ...state.choices },
  }
}
