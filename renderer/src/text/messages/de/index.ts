import type { Messages } from '../en/index.js'
import { common } from './common.js'
import { errors } from './errors.js'
import { shell } from './shell.js'
import { wizard } from './wizard.js'

export const de: Messages = { common, errors, shell, wizard }
