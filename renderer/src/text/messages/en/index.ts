import { common } from './common.js'
import { errors } from './errors.js'
import { shell } from './shell.js'
import { wizard } from './wizard.js'

export const en = { common, errors, shell, wizard }

/** The shape of every language: a sentence that is missing does not compile. */
export type Messages = Translated<typeof en>

type Translated<Tree> = {
  readonly [Key in keyof Tree]: Tree[Key] extends string ? string : Translated<Tree[Key]>
}
