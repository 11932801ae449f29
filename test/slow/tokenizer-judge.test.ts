import { getLlama, type LlamaModel, LlamaLogLevel, type Token } from 'node-llama-cpp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { byteCharacters } from '../../core/data/tokenizer/byte-characters.js'
import { createChatTemplate } from '../../core/data/chat-template.js'
import { createTokenizer } from '../../core/data/tokenizer/create-tokenizer.js'
import {
  preTokenizer,
  type PreTokenizerFamily,
  splitWords,
} from '../../core/data/tokenizer/pre-tokenizers.js'
import type { Tokenizer } from '../../core/data/tokenizer/tokenizer.js'
import { openByteSource } from '../../core/formats/byte-source.js'
import type { GgufFile, GgufValue } from '../../core/formats/gguf/gguf-file.js'
import { readGguf } from '../../core/formats/gguf/read-gguf.js'
import { judgeTexts } from '../support/judge-texts.js'
import { hasShared, sharedLines, sharedPath } from '../support/shared-files.js'
import { temporaryFolder } from '../support/temporary-folder.js'
import { writeTinyGguf } from '../support/tiny-gguf.js'
import { byteLevelMetadata, flag, id, sentencePieceMetadata, text } from '../support/tokenizer-metadata.js'
import { countWords, trainMerges } from '../support/train-vocabulary.js'

const modelName = 'models/SmolLM2-135M-Instruct.Q4_1.gguf'
const special = [
  { text: '<|endoftext|>', kind: 3 },
  { text: '<|im_start|>', kind: 3 },
  { text: '<|im_end|>', kind: 3 },
  { text: '<unk>', kind: 2 },
  { text: '<tool>', kind: 4 },
]

/** Every text in both modes: ids and the text they decode to. */
function compare(tokenizer: Tokenizer, model: LlamaModel, texts: readonly string[]): string[] {
  return texts.flatMap((input) =>
    (['text', 'parse'] as const).flatMap((mode) => {
      const expected = Array.from(model.tokenize(input, mode === 'parse'), Number)
      const found = tokenizer.encode(input, mode)
      return found.join() === expected.join()
        ? []
        : [`${mode} ${JSON.stringify(input)}\n expected ${expected.join()}\n found    ${found.join()}`]
    }),
  )
}

function decodedDifferences(tokenizer: Tokenizer, model: LlamaModel, texts: readonly string[]): string[] {
  return texts.flatMap((input) => {
    const ids = tokenizer.encode(input, 'parse')
    return [false, true].flatMap((keepSpecial) => {
      const found = tokenizer.decode(ids, { keepSpecial })
      const expected = model.detokenize(ids.map(asToken), keepSpecial)
      return found === expected ? [] : [`${JSON.stringify(expected)} ${JSON.stringify(found)}`]
    })
  })
}

/** llama.cpp's binding brands its ids. */
function asToken(token: number): Token {
  return token as Token
}

function endIds(model: LlamaModel, count: number): number[] {
  const ids = Array.from({ length: count }, (_, token) => token)
  return ids.filter((token) => model.isEogToken(asToken(token)))
}

describe.skipIf(!hasShared(modelName, 'data'))(
  'against llama.cpp (needs ../shared/models and ../shared/data)',
  () => {
    let llama: Awaited<ReturnType<typeof getLlama>>
    let texts: string[]

    beforeAll(async () => {
      llama = await getLlama({ gpu: false, build: 'never', logLevel: LlamaLogLevel.fatal })
      texts = [
        ...sharedLines('data/sst2/train.tsv', 800),
        ...sharedLines('data/trec/train.csv', 500),
        ...sharedLines('data/wikitext2/test.txt', 500),
        ...judgeTexts(1000),
      ]
    })
    afterAll(() => llama.dispose())

    describe('SmolLM2', () => {
      let model: LlamaModel
      let file: GgufFile
      let tokenizer: Tokenizer

      beforeAll(async () => {
        const modelPath = sharedPath(modelName)
        model = await llama.loadModel({ modelPath, vocabOnly: true })
        file = readGguf(openByteSource(modelPath))
        tokenizer = createTokenizer(file.metadata, modelPath)
      })
      afterAll(() => model.dispose())

      it('gives the same ids for at least 2,000 texts, with special tokens parsed and not', () => {
        expect(texts.length).toBeGreaterThan(2_000)
        expect(compare(tokenizer, model, texts)).toEqual([])
      })

      it('decodes to the same texts', () => {
        expect(decodedDifferences(tokenizer, model, texts)).toEqual([])
      })

      it('ends generation at the same tokens', () => {
        expect([...tokenizer.endIds].sort((a, b) => a - b)).toEqual(endIds(model, tokenizer.vocabularySize))
      })

      it('gives the ids of a rendered conversation, where no message spells a special token', () => {
        const template = createChatTemplate(file.metadata, tokenizer, new Date(0))
        const plain = texts.filter((input) => !input.includes('<'))
        for (let index = 0; index + 2 < plain.length; index += 3) {
          const messages = ['user', 'assistant', 'user'].map((role, turn) => ({
            role,
            content: plain[index + turn],
          }))
          const expected = Array.from(model.tokenize(template.render(messages, true), true), Number)
          expect(template.prompt(messages)).toEqual(expected)
        }
      })
    })

    /** @param cleansSpaces whether llama.cpp tidies spaces before punctuation when it decodes, which loses the text */
    async function judgeTiny(
      metadata: Map<string, GgufValue>,
      cleansSpaces: boolean,
      judged = texts,
    ): Promise<void> {
      const modelPath = `${temporaryFolder()}/tiny.gguf`
      const tokenizer = createTokenizer(metadata, modelPath)
      writeTinyGguf(modelPath, {
        vocabulary: tokenizer.vocabularySize,
        width: 32,
        layers: 1,
        metadata: { ...withoutTokenizer, ...Object.fromEntries(metadata) },
      })
      const model = await llama.loadModel({ modelPath, vocabOnly: true })
      try {
        expect(compare(tokenizer, model, judged)).toEqual([])
        if (!cleansSpaces) expect(decodedDifferences(tokenizer, model, judged)).toEqual([])
        expect([...tokenizer.endIds].sort((a, b) => a - b)).toEqual(endIds(model, tokenizer.vocabularySize))
        expect(tokenizer.addsBos).toBe(model.tokens.shouldPrependBosToken)
      } finally {
        await model.dispose()
      }
    }

    const families: PreTokenizerFamily[] = [
      'smollm',
      'gpt-2',
      'llama-bpe',
      'dbrx',
      'qwen2',
      'gpt-4o',
      'tekken',
      'default',
    ]
    it.each(families)('gives the same ids for a vocabulary of the %s family', async (family) => {
      const words = texts.flatMap((input) => splitWords(input, preTokenizer(family).patterns))
      const spelled = words.map((word) =>
        Array.from(Buffer.from(word), (byte) => byteCharacters[byte]).join(''),
      )
      const merges = trainMerges(countWords(spelled, 3_000), 600)
      const pre = family === 'default' ? {} : { pre: text(family) }
      await judgeTiny(
        byteLevelMetadata(merges, special, { ...pre, bos_token_id: id(1), eos_token_id: id(2) }),
        !['smollm', 'qwen2'].includes(family),
        // llama.cpp cuts its words so slowly that all texts would take minutes.
        family === 'gpt-4o' ? texts.filter((_, index) => index % 10 === 0) : texts,
      )
    })

    it.each([true, false])(
      'gives the same ids for a SentencePiece vocabulary, leading space %s',
      async (hasPrefix) => {
        const words = texts.flatMap((input) => ` ${input}`.replaceAll(' ', '▁').split(/(?=▁)/))
        const merges = trainMerges(countWords(words, 3_000), 600)
        const characters = [...new Set(words.slice(0, 20_000).join(''))].filter(
          (character) => character < 'ÿ' || character === '▁',
        )
        const spellings = new Set([...characters, ...merges.map((pair) => pair.join(''))])
        // Scores in groups of three, so that ties occur as well.
        const pieces = Array.from(spellings, (spelling, rank) => ({
          text: spelling,
          kind: 1,
          score: -Math.floor(rank / 3),
        }))
        await judgeTiny(
          sentencePieceMetadata(
            [...special.filter(({ text: spelling }) => spelling !== '<unk>'), ...pieces],
            { add_space_prefix: flag(hasPrefix) },
          ),
          false,
        )
      },
    )
  },
)

/** Takes the entries of the tiny model's own tokenizer away. */
const withoutTokenizer = Object.fromEntries(
  ['pre', 'merges', 'padding_token_id', 'unknown_token_id', 'add_bos_token', 'add_space_prefix'].map(
    (name) => [`tokenizer.ggml.${name}`, undefined],
  ),
)
