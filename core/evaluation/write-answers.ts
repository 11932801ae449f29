import type { JudgedRow } from '../data/judged-rows.js'
import type { Tokenizer } from '../data/tokenizer/tokenizer.js'
import { generate } from '../engine/generate.js'
import type { NextTokenModel } from '../engine/next-token-model.js'

/** How answers are written: always the likeliest token. */
export interface WritingOptions {
  readonly tokenizer: Tokenizer
  readonly maxTokens: number
  /** Texts that end an answer. */
  readonly stops: readonly string[]
  readonly signal: AbortSignal
}

/** Writes an answer to each row, one after the other, saying how many are done. */
export async function* writeAnswers(
  model: NextTokenModel,
  rows: readonly JudgedRow[],
  { tokenizer, maxTokens, stops, signal }: WritingOptions,
): AsyncGenerator<{ readonly done: number; readonly total: number }, readonly string[]> {
  const answers: string[] = []
  const sampling = { temperature: 0, topP: 1 }
  for (const { prompt } of rows) {
    let text = ''
    const request = { model, tokenizer, prompt, sampling, seed: 0, maxTokens, stops, signal }
    for await (const event of generate(request)) if (event.type === 'text') text += event.text
    answers.push(text)
    yield { done: answers.length, total: rows.length }
  }
  return answers
}
