/** A value of a column, for row `row` of made rows. */
export type Make = (row: number) => unknown

/** How a public data set is laid out: the real names of its columns, made values, and what should be recognised. */
export interface PublicLayout {
  readonly name: string
  readonly columns: Readonly<Record<string, Make>>
  /** Kind of task, columns of the prompt, and what is learned, as `shownTask` writes it. */
  readonly expected: string
}

const words =
  'river stone walks under seven bright lamps while old trains carry salt to quiet towns by night'.split(' ')
const said = (row: number, count: number, seed: number): string =>
  Array.from({ length: count }, (_, each) => words[(row * 7 + each * (seed + 3) + seed) % words.length]).join(
    ' ',
  )

export const short = (row: number): string => `${said(row, 5, 1)} ${row}?`
export const sentence = (row: number): string => `${said(row, 12, 2)} ${row}.`
export const long = (row: number): string => `${said(row, 60, 4)} ${row}. ${said(row, 40, 5)}.`
export const answer = (row: number): string => `${said(row, 20, 6)} ${row}.`
export const word = (row: number): string => `${words[row % words.length]}${row}`
export const sometimes = (row: number): string => (row % 3 === 0 ? sentence(row) : '')
export const id = (row: number): string => `a1b2-${row}`
export const count = (row: number): number => row
export const score = (row: number): number => row / 7
export const url = (row: number): string => `https://example.org/${row}`
export const date = (row: number): string => `2023-01-${(row % 28) + 1}`
export const of =
  (...values: readonly unknown[]): Make =>
  (row) =>
    values[(Math.imul(row + 1, 0x9e3779b1) >>> 16) % values.length]
export const openai: Make = (row) => [
  { role: 'user', content: short(row) },
  { role: 'assistant', content: answer(row) },
]
export const shareGpt: Make = (row) => [
  { from: 'human', value: short(row) },
  { from: 'gpt', value: answer(row) },
]
export const classes = (total: number): Make => of(...Array.from({ length: total }, (_, each) => each))
export const spans: Make = (row) => ({ text: [word(row)], answer_start: [row] })
export const transcript: Make = (row) => `\n\nHuman: ${short(row)}\n\nAssistant: ${answer(row)}`

export function layout(
  name: string,
  columns: Readonly<Record<string, Make>>,
  expected: string,
): PublicLayout {
  return { name, columns, expected }
}
