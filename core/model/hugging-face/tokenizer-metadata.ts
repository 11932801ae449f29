import { z } from 'zod'
import type { GgufValue } from '../../formats/gguf/gguf-file.js'
import { EngineError } from '../../schema/engine-error.js'
import { preTokenizerName } from './pre-tokenizer-name.js'
import { modelProblem } from '../../schema/model-problems.js'

const mostTokens = 2 ** 20
const merge = z.union([z.string(), z.tuple([z.string(), z.string()])])

/** What we take from tokenizer.json. Source: Hugging Face tokenizers 0.22, its serialised form. */
const tokenizerSchema = z.object({
  model: z.object({
    type: z.literal('BPE'),
    vocab: z.record(z.string(), z.int().nonnegative().max(mostTokens)),
    merges: z.array(merge).max(2 * mostTokens),
    byte_fallback: z.boolean().nullish(),
    ignore_merges: z.boolean().nullish(),
  }),
  added_tokens: z
    .array(z.object({ id: z.int().nonnegative().max(mostTokens), content: z.string(), special: z.boolean() }))
    .max(mostTokens)
    .default([]),
  normalizer: z.unknown().optional(),
  pre_tokenizer: z.unknown().optional(),
  post_processor: z.unknown().optional(),
})
type TokenizerFile = z.infer<typeof tokenizerSchema>

const namedToken = z.union([z.string(), z.object({ content: z.string() })]).nullish()
const configSchema = z.object({
  bos_token: namedToken,
  eos_token: namedToken,
  pad_token: namedToken,
  unk_token: namedToken,
  add_bos_token: z.boolean().nullish(),
  add_eos_token: z.boolean().nullish(),
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish(),
})

/** A folder's files about its tokenizer, as JSON values, and where errors point. */
export interface TokenizerFiles {
  readonly path: string
  readonly tokenizer: unknown
  /** Of tokenizer_config.json; an empty object where there is none. */
  readonly config: unknown
  /** Rows of the token table, which may be more than the tokens that have names. */
  readonly vocabularySize: number
}

const kinds = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const

/**
 * The tokenizer of a folder as the metadata of a GGUF file.
 *
 * @throws EngineError `model-malformed`, `model-unsupported` for another kind of tokenizer
 */
export function tokenizerMetadata(files: TokenizerFiles): Map<string, GgufValue> {
  const { path } = files
  const parsed = tokenizerSchema.safeParse(files.tokenizer)
  if (!parsed.success) throw malformed(path, parsed.error.issues[0])
  const config = configSchema.safeParse(files.config)
  if (!config.success) throw malformed(path, config.error.issues[0])
  const tokens = listTokens(files, parsed.data)
  const isSentencePiece = parsed.data.model.byte_fallback === true
  const entries = new Map<string, GgufValue>([
    ['tokenizer.ggml.model', text(isSentencePiece ? 'llama' : 'gpt2')],
    ['tokenizer.ggml.tokens', list('string', tokens.texts)],
    ['tokenizer.ggml.token_type', list('int32', tokens.types)],
    ...specialTokens(config.data, tokens.texts),
  ])
  const pairs = parsed.data.model.merges.map((pair) => (typeof pair === 'string' ? pair.split(' ') : pair))
  if (isSentencePiece) {
    entries.set('tokenizer.ggml.scores', list('float32', scoresOf(tokens.texts, pairs)))
    entries.set('tokenizer.ggml.add_space_prefix', { type: 'bool', value: addsSpace(parsed.data) })
  } else {
    const found = preTokenizerName(parsed.data.pre_tokenizer)
    if (found === null) throw unknownWords(path)
    // Llama 3's words are DBRX's too, which merges also those that are tokens as a whole.
    const pre = found === 'llama-bpe' && parsed.data.model.ignore_merges !== true ? 'dbrx' : found
    entries.set('tokenizer.ggml.pre', text(pre))
    entries.set(
      'tokenizer.ggml.merges',
      list(
        'string',
        pairs.map((pair) => pair.join(' ')),
      ),
    )
  }
  entries.set('tokenizer.ggml.add_bos_token', { type: 'bool', value: addsBos(parsed.data, config.data) })
  const template = templateOf(config.data.chat_template)
  if (template !== null) entries.set('tokenizer.chat_template', text(template))
  return entries
}

function listTokens(
  { path, vocabularySize }: TokenizerFiles,
  { model, added_tokens }: TokenizerFile,
): { texts: string[]; types: number[] } {
  const texts = Array.from({ length: vocabularySize }, (_, id) => `[PAD${id}]`)
  const types = new Array<number>(vocabularySize).fill(kinds.unused)
  const put = (id: number, content: string, type: number): void => {
    if (id >= vocabularySize) {
      const reason = `token ${id} has no row in a table of ${vocabularySize}`
      throw new EngineError('model-malformed', { path, where: 'vocab' }, `'${path}': vocab: ${reason}`)
    }
    texts[id] = content
    types[id] = type
  }
  const isByte = (content: string): boolean =>
    model.byte_fallback === true && /^<0x[0-9A-F]{2}>$/.test(content)
  for (const [content, id] of Object.entries(model.vocab)) {
    put(id, content, isByte(content) ? kinds.byte : kinds.normal)
  }
  for (const { id, content, special } of added_tokens) {
    const isUnknown = content === '<unk>' && model.byte_fallback === true
    put(id, content, isUnknown ? kinds.unknown : special ? kinds.control : kinds.userDefined)
  }
  return { texts, types }
}

/** Earlier merges are better: a token's score is minus the rank of the first merge that makes it. */
function scoresOf(texts: readonly string[], pairs: readonly (readonly string[])[]): number[] {
  const ranks = new Map<string, number>()
  pairs.forEach((pair, rank) => {
    const whole = pair.join('')
    if (!ranks.has(whole)) ranks.set(whole, rank)
  })
  return texts.map((content) => -(ranks.get(content) ?? pairs.length))
}

type TokenizerConfig = z.infer<typeof configSchema>

function specialTokens(config: TokenizerConfig, texts: readonly string[]): [string, GgufValue][] {
  const named = [
    ['bos', config.bos_token],
    ['eos', config.eos_token],
    ['padding', config.pad_token],
    ['unknown', config.unk_token],
  ] as const
  return named.flatMap(([name, token]) => {
    const content = typeof token === 'string' ? token : token?.content
    const id = content === undefined ? -1 : texts.indexOf(content)
    return id < 0 ? [] : [[`tokenizer.ggml.${name}_token_id`, { type: 'uint32', value: id }]]
  })
}

/** A template that puts BOS first says so in its own words; a Llama 2 tokenizer without one starts with BOS by default. */
function addsBos({ post_processor, model }: TokenizerFile, config: TokenizerConfig): boolean {
  const bos = typeof config.bos_token === 'string' ? config.bos_token : config.bos_token?.content
  if (bos === undefined) return false
  const template = JSON.stringify(post_processor ?? null)
  if (template.includes(`{"SpecialToken":{"id":${JSON.stringify(bos)},`)) return true
  return config.add_bos_token ?? model.byte_fallback === true
}

/** Whether a space is put before a text that has none, by a normalizer or before words. */
function addsSpace({ normalizer, pre_tokenizer }: TokenizerFile): boolean {
  const steps = JSON.stringify([normalizer ?? null, pre_tokenizer ?? null])
  return steps.includes('"type":"Prepend"') || /"prepend_scheme":"(first|always)"/.test(steps)
}

function templateOf(value: TokenizerConfig['chat_template']): string | null {
  if (typeof value === 'string') return value
  return value?.find(({ name }) => name === 'default')?.template ?? null
}

function text(value: string): GgufValue {
  return { type: 'string', value }
}

function list(
  itemType: 'string' | 'int32' | 'float32',
  items: readonly string[] | readonly number[],
): GgufValue {
  return { type: 'array', value: { itemType, items } }
}

function malformed(path: string, { path: field, message }: z.core.$ZodIssue): EngineError {
  const where = field.join('.')
  return new EngineError('model-malformed', { path, where }, `'${path}': ${where}: ${message}`)
}

function unknownWords(path: string): EngineError {
  const feature = modelProblem('word-cutting')
  const message = `'${path}' has ${feature}; supported are those of SmolLM, GPT-2, Llama 3, Qwen 2, GPT-4o and Tekken`
  return new EngineError('model-unsupported', { path, feature }, message)
}
