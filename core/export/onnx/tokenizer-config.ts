import type { Tokenizer } from '../../data/tokenizer/tokenizer.js'
import type { GgufValue } from '../../formats/gguf/gguf-file.js'

type Metadata = ReadonlyMap<string, GgufValue>

/** Class names by which other programs choose how to read `tokenizer.json`, by the pre-tokenizer's name in GGUF. */
const byteLevelClasses: ReadonlyMap<string, string> = new Map([
  ['smollm', 'GPT2Tokenizer'],
  ['gpt-2', 'GPT2Tokenizer'],
  ['qwen2', 'Qwen2Tokenizer'],
])

/** `tokenizer_config.json`: the special tokens by spelling, and the chat template. */
export function tokenizerConfig(tokenizer: Tokenizer, metadata: Metadata, contextLength: number): object {
  const template = text(metadata, 'tokenizer.chat_template')
  return {
    tokenizer_class: tokenizerClass(metadata),
    model_max_length: contextLength,
    add_bos_token: tokenizer.addsBos,
    add_eos_token: tokenizer.addsEos,
    clean_up_tokenization_spaces: false,
    ...specialTokensMap(tokenizer, metadata),
    ...(template !== undefined && { chat_template: template }),
  }
}

/** `special_tokens_map.json`: the roles that the model's file gives, by spelling. */
export function specialTokensMap(tokenizer: Tokenizer, metadata: Metadata): Record<string, string> {
  const unknownId = metadata.get('tokenizer.ggml.unknown_token_id')?.value
  const hasUnknown = typeof unknownId === 'number' && unknownId < tokenizer.vocabularySize
  const roles: [role: string, id: number | null][] = [
    ['bos_token', tokenizer.bosId],
    ['eos_token', tokenizer.eosId],
    ['pad_token', tokenizer.padId ?? tokenizer.eosId],
    ['unk_token', hasUnknown ? unknownId : null],
  ]
  return Object.fromEntries(
    roles.flatMap(([role, id]) =>
      id === null ? [] : [[role, tokenizer.decode([id], { keepSpecial: true })]],
    ),
  )
}

function tokenizerClass(metadata: Metadata): string {
  if (text(metadata, 'tokenizer.ggml.model') === 'llama') return 'LlamaTokenizer'
  return byteLevelClasses.get(text(metadata, 'tokenizer.ggml.pre') ?? '') ?? 'PreTrainedTokenizerFast'
}

function text(metadata: Metadata, key: string): string | undefined {
  const entry = metadata.get(key)
  return entry?.type === 'string' ? entry.value : undefined
}
