import { common } from './common.js'
import { datasets } from './datasets.js'
import { errors } from './errors.js'
import { models } from './models.js'
import { progress } from './progress.js'
import { shell } from './shell.js'
import { tasks } from './tasks.js'
import { training } from './training.js'
import { wizard } from './wizard.js'

export const en = { common, datasets, errors, models, progress, shell, tasks, training, wizard }

/** The shape of every language: a sentence that is missing does not compile. */
export type Messages = Translated<typeof en>

type Translated<Tree> = {
  readonly [Key in keyof Tree]: Tree[Key] extends string ? string : Translated<Tree[Key]>
}
