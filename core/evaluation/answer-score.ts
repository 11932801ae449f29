/** How good a written answer is, 0 … 1, beside the answers that count as right. */
export type AnswerScore = (written: string, accepted: readonly string[]) => number
