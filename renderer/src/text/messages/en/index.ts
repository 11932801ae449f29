import { common } from './common.js'
import { comparison } from './comparison.js'
import { datasets } from './datasets.js'
import { errors } from './errors.js'
import { deviceProblems } from './device-problems.js'
import { hub } from './hub.js'
import { modelProblems } from './model-problems.js'
import { requestIssues } from './request-issues.js'
import { models } from './models.js'
import { notices } from './notices.js'
import { progress } from './progress.js'
import { rowProblems } from './row-problems.js'
import { shell } from './shell.js'
import { tasks } from './tasks.js'
import { training } from './training.js'
import { wizard } from './wizard.js'
import { exports } from './exports.js'
import { folders } from './exports.js'
import { runs } from './runs.js'
import { settings } from './settings.js'
import { about } from './settings.js'

export const en = {
  about,
  common,
  comparison,
  datasets,
  deviceProblems,
  errors,
  exports,
  folders,
  hub,
  modelProblems,
  models,
  notices,
  progress,
  requestIssues,
  rowProblems,
  runs,
  settings,
  shell,
  tasks,
  training,
  wizard,
}

/** The shape of every language: a sentence that is missing does not compile. */
export type Messages = Translated<typeof en>

type Translated<Tree> = {
  readonly [Key in keyof Tree]: Tree[Key] extends string ? string : Translated<Tree[Key]>
}
