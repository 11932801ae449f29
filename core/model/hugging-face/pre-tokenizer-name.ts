import { z } from 'zod'
import { casedWords, plainWords } from './word-patterns.js'

const step = z.looseObject({
  type: z.string(),
  individual_digits: z.boolean().optional(),
  use_regex: z.boolean().optional(),
  pattern: z.looseObject({ Regex: z.string().optional() }).optional(),
})
const sequence = z.looseObject({ type: z.literal('Sequence'), pretokenizers: z.array(step).max(16) })

/** What a step is called when it is compared: its kind, and its pattern without what is written in several ways. */
function shortForm({ type, individual_digits, use_regex, pattern }: z.infer<typeof step>): string {
  if (type === 'Digits') return individual_digits === true ? 'digit' : 'digits'
  if (type === 'ByteLevel') return use_regex === false ? 'bytes' : 'gpt-2'
  if (type !== 'Split') return type
  return pattern?.Regex ?? 'Split'
}

/** Names in `tokenizer.ggml.pre` by the steps of a tokenizer.json. */
const names: ReadonlyMap<string, string> = new Map([
  ['digit gpt-2', 'smollm'],
  ['gpt-2', 'gpt-2'],
  [`${plainWords('\\p{N}{1,3}')} bytes`, 'llama-bpe'],
  [`${plainWords('\\p{N}')} bytes`, 'qwen2'],
  [`${casedWords('\\p{N}{1,3}', true)} bytes`, 'gpt-4o'],
  [`${casedWords('\\p{N}', false)} bytes`, 'tekken'],
])

/** The name that llama.cpp has for how a tokenizer.json cuts text into words; null for a way that is not in the table. */
export function preTokenizerName(value: unknown): string | null {
  const parsed = sequence.safeParse(value)
  const single = step.safeParse(value)
  const steps = parsed.success ? parsed.data.pretokenizers : single.success ? [single.data] : null
  if (steps === null) return null
  return names.get(steps.map(shortForm).join(' ')) ?? null
}
