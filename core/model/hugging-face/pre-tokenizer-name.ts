import { z } from 'zod'

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

const contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
const rest = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'
const words = (digits: string): string => `${contractions}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}|${rest}`

/** Names in `tokenizer.ggml.pre` by the steps of a tokenizer.json. */
const names: ReadonlyMap<string, string> = new Map([
  ['digit gpt-2', 'smollm'],
  ['gpt-2', 'gpt-2'],
  [`${words('\\p{N}{1,3}')} bytes`, 'llama-bpe'],
  [`${words('\\p{N}')} bytes`, 'qwen2'],
])

/** The name that llama.cpp has for how a tokenizer.json cuts text into words; null for a way that is not in the table. */
export function preTokenizerName(value: unknown): string | null {
  const parsed = sequence.safeParse(value)
  const single = step.safeParse(value)
  const steps = parsed.success ? parsed.data.pretokenizers : single.success ? [single.data] : null
  if (steps === null) return null
  return names.get(steps.map(shortForm).join(' ')) ?? null
}
