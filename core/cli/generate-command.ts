import type { Command } from 'commander'
import { bosOf } from '../data/prompt-frame.js'
import { generate } from '../engine/generate.js'
import type { GenerationEnd } from '../engine/generate-tokens.js'
import type { NextTokenModel } from '../engine/next-token-model.js'
import { requestInvalid } from '../schema/request-invalid.js'
import type { TextModel } from '../training/open-text-model.js'
import {
  samplingOf,
  withGenerationOptions,
  withTextModel,
  type GenerationOptions,
} from './generation-options.js'
import { escapedText } from './option-values.js'
import { Output } from './output.js'
import { sideBySide } from './side-by-side.js'
import { abortOnInterrupt } from './abort-on-interrupt.js'

interface GenerateOptions extends GenerationOptions {
  readonly prompt: string
  readonly stop: readonly string[]
  readonly raw?: boolean
  readonly chatTemplate?: boolean
  readonly compare?: boolean
}

/** What came out. */
interface Answer {
  readonly text: string
  readonly tokens: number
  readonly reason: GenerationEnd
}

/** Columns of a terminal from which two answers stand side by side. */
const wideTerminal = 100

/** `zerotune generate`. */
export function addGenerateCommand(program: Command): void {
  const command = program
    .command('generate')
    .description('write the text that follows a prompt')
    .argument(
      '<model-or-run>',
      'GGUF file, folder of safetensors files or of an ONNX model, or folder of a run',
    )
    .requiredOption('--prompt <text>', 'what comes before; \\n, \\t and \\\\ are escapes', escapedText)
    .option('--stop <text>', 'end before this text; may be given several times', collect, [])
    .option('--raw', 'continue the prompt as it stands (default for a run that was trained so)')
    .option('--chat-template', "put the prompt as a message (default where the model's file has a template)")
    .option('--compare', 'the answer before training, and the one after')
  withGenerationOptions(command, 0).action(async (path: string, options: GenerateOptions) => {
    const output = new Output(options)
    await withTextModel(path, options, async (opened) => {
      const prompt = promptTokens(opened, options)
      if (options.compare !== true) {
        const answer = await write(output, opened.model, opened, prompt, options, true)
        output.stream('\n')
        output.emit(answer)
        return
      }
      await compare(output, opened, prompt, options)
    })
  })
}

async function compare(
  output: Output,
  opened: TextModel,
  prompt: readonly number[],
  options: GenerateOptions,
): Promise<void> {
  if (opened.openBase === null)
    throw requestInvalid('--compare needs a run: a model file has no before and after')
  const isWide = output.isLive && process.stdout.columns >= wideTerminal
  const titles = ['before training', 'after training'] as const
  const base = await opened.openBase()
  const answers: Answer[] = []
  try {
    for (const [index, model] of [base, opened.model].entries()) {
      if (isWide) output.live(`writing: ${titles[index]}`)
      else output.say(`--- ${titles[index]}`)
      answers.push(await write(output, model, opened, prompt, options, !isWide))
      if (!isWide) output.stream('\n')
    }
  } finally {
    await base.close()
  }
  const [before, after] = answers
  if (isWide) {
    const columns = process.stdout.columns
    for (const line of sideBySide([titles[0], before.text], [titles[1], after.text], columns))
      output.say(line)
  }
  output.emit({ base: before, adapted: after })
}

/** Generates, streaming where `isShown`; Ctrl-C ends it. */
async function write(
  output: Output,
  model: NextTokenModel,
  { tokenizer }: TextModel,
  prompt: readonly number[],
  options: GenerateOptions,
  isShown: boolean,
): Promise<Answer> {
  const { seed, maxTokens, stop: stops } = options
  const interrupt = abortOnInterrupt()
  try {
    let text = ''
    const request = { model, tokenizer, prompt, seed, maxTokens, stops, sampling: samplingOf(options) }
    for await (const event of generate({ ...request, signal: interrupt.signal })) {
      if (event.type === 'end') return { text, tokens: event.tokenCount, reason: event.reason }
      text += event.text
      if (isShown) output.stream(event.text)
    }
    throw new Error('generation ended without an end')
  } finally {
    interrupt.release()
  }
}

function promptTokens(
  { tokenizer, chat, prefersChat, system }: TextModel,
  options: GenerateOptions,
): number[] {
  if (options.raw === true && options.chatTemplate === true) {
    throw requestInvalid('--raw and --chat-template contradict each other')
  }
  if (options.chatTemplate === true && chat === null) throw requestInvalid('this model has no chat template')
  const usesChat = options.raw !== true && (options.chatTemplate === true || prefersChat)
  if (usesChat && chat !== null) {
    const first = system === null ? [] : [{ role: 'system', content: system }]
    return chat.prompt([...first, { role: 'user', content: options.prompt }])
  }
  return [...bosOf(tokenizer), ...tokenizer.encode(options.prompt, 'text')]
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}
