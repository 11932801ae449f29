import type { Messages } from '../en/index.js'
import { common } from './common.js'
import { datasets } from './datasets.js'
import { errors } from './errors.js'
import { models } from './models.js'
import { progress } from './progress.js'
import { shell } from './shell.js'
import { tasks } from './tasks.js'
import { training } from './training.js'
import { wizard } from './wizard.js'

export const de: Messages = { common, datasets, errors, models, progress, shell, tasks, training, wizard }
