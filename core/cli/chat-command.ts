import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import type { ChatMessage, ChatTemplate } from '../data/chat-template.js'
import { generate } from '../engine/generate.js'
import { deriveSeed } from '../random/derive-seed.js'
import { EngineError } from '../schema/engine-error.js'
import type { TextModel } from '../training/open-text-model.js'
import {
  samplingOf,
  withGenerationOptions,
  withTextModel,
  type GenerationOptions,
} from './generation-options.js'
import { Output } from './output.js'

interface ChatOptions extends GenerationOptions {
  readonly system?: string
}

/** `zerotune chat`. */
export function addChatCommand(program: Command): void {
  const command = program
    .command('chat')
    .description('talk with a model, a run or an ONNX export')
    .argument(
      '<model-or-run>',
      'GGUF file, folder of safetensors files or of an ONNX model, or folder of a run',
    )
    .option('--system <text>', 'what the model is told first')
  withGenerationOptions(command, 0.7).action(async (path: string, options: ChatOptions) => {
    await withTextModel(path, options, async (opened) => {
      if (opened.chat === null) {
        const reason = 'is missing from the model file'
        throw new EngineError('template-invalid', { reason }, `a chat needs a chat template, which ${reason}`)
      }
      await converse(opened, opened.chat, options)
    })
  })
}

/** Reads a message a line until /exit or the end of the input. */
async function converse(opened: TextModel, chat: ChatTemplate, options: ChatOptions): Promise<void> {
  const output = new Output(options)
  const lines = createInterface({ input: process.stdin, output: process.stdout, terminal: output.isLive })
  const system = options.system ?? opened.system
  const opening: ChatMessage[] = system === null ? [] : [{ role: 'system', content: system }]
  let messages = opening
  let answering: AbortController | null = null
  let turn = 0
  const onInterrupt = (): void => {
    if (answering === null || answering.signal.aborted) lines.close()
    else answering.abort()
  }
  lines.on('SIGINT', onInterrupt)
  process.on('SIGINT', onInterrupt)
  const ask = (): void => {
    if (output.isLive) lines.prompt()
  }
  try {
    if (output.isLive) output.say('/reset forgets, /exit ends, Ctrl-C stops an answer')
    ask()
    for await (const line of lines) {
      const text = line.trim()
      if (text === '/exit') break
      if (text === '/reset') {
        messages = opening
        output.say('(forgotten)')
      } else if (text !== '') {
        const asked = [...messages, { role: 'user', content: text }]
        answering = new AbortController()
        const answer = await reply(output, opened, chat, asked, options, turn++, answering.signal)
        answering = null
        if (answer !== null) messages = [...asked, { role: 'assistant', content: answer }]
      }
      ask()
    }
  } finally {
    process.off('SIGINT', onInterrupt)
    lines.close()
  }
}

/** One answer, as it comes; null where the conversation has become too long for it. */
async function reply(
  output: Output,
  { model, tokenizer }: TextModel,
  chat: ChatTemplate,
  messages: readonly ChatMessage[],
  options: ChatOptions,
  turn: number,
  signal: AbortSignal,
): Promise<string | null> {
  const seed = deriveSeed(options.seed, turn)
  const { maxTokens } = options
  const prompt = chat.prompt(messages)
  const request = { model, tokenizer, prompt, seed, maxTokens, stops: [], signal }
  let text = ''
  try {
    for await (const event of generate({ ...request, sampling: samplingOf(options) })) {
      if (event.type === 'text') {
        text += event.text
        output.stream(event.text)
      } else {
        output.stream(event.reason === 'end-token' ? '\n' : ` […: ${endings[event.reason]}]\n`)
        output.emit({ text, tokens: event.tokenCount, reason: event.reason })
      }
    }
    return text
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.code !== 'prompt-too-long') throw thrown
    output.say(`(${thrown.message}; /reset begins afresh)`)
    output.emit({ error: thrown.toData() })
    return null
  }
}

const endings = {
  'stop-text': 'stopped',
  'max-tokens': '--max-tokens reached',
  'context-full': 'the context is full',
  aborted: 'stopped',
} as const
