import type { Messages } from './messages/en/index.js'

/** Every path to a sentence, joined with dots: a key that does not exist does not compile. */
export type MessageKey = Leaves<Messages>

type Leaves<Tree> = {
  [Key in keyof Tree & string]: Tree[Key] extends string ? Key : `${Key}.${Leaves<Tree[Key]>}`
}[keyof Tree & string]
