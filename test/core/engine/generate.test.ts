import { describe, expect, it, onTestFinished } from 'vitest'
import { openDecoder } from '../../../core/engine/decoder.js'
import { generate, type GenerationEvent, type TextRequest } from '../../../core/engine/generate.js'
import type { NextTokenModel } from '../../../core/engine/next-token-model.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import type { EngineError } from '../../../core/schema/engine-error.js'
import { openTiny } from '../../support/open-tiny.js'

async function openRequest(contextLength = 128): Promise<TextRequest> {
  const { model, tokenizer } = openTiny({ contextLength, vocabulary: 320 })
  const decoder = await openDecoder(openCpuDevice({ threads: 1 }), model)
  onTestFinished(() => decoder.close())
  return {
    model: decoder,
    tokenizer: { ...tokenizer, endIds: new Set() },
    prompt: [40, 41, 42],
    sampling: { temperature: 1, topP: 0.9 },
    seed: 3,
    maxTokens: 20,
    stops: [],
    signal: new AbortController().signal,
  }
}

async function collect(request: TextRequest): Promise<{ text: string; end: GenerationEvent | undefined }> {
  let text = ''
  let end: GenerationEvent | undefined
  for await (const event of generate(request)) {
    if (event.type === 'text') text += event.text
    else end = event
  }
  return { text, end }
}

async function failureOf(request: TextRequest): Promise<EngineError> {
  return collect(request).then(
    () => Promise.reject(new Error('expected a failure')),
    (thrown: unknown) => thrown as EngineError,
  )
}

/** A model that always predicts the token after the last one. */
function countingModel(contextLength: number): NextTokenModel & { readonly lengths: number[] } {
  const lengths: number[] = []
  return {
    contextLength,
    lengths,
    next: (tokens) => {
      lengths.push(tokens.length)
      const logits = new Float32Array(320)
      logits[tokens[tokens.length - 1] + 1] = 9
      return Promise.resolve(logits)
    },
    reset: () => undefined,
    close: () => Promise.resolve(),
  }
}

describe('generating text', () => {
  it('gives equal text for equal requests, and other text for another seed', async () => {
    const request = await openRequest()
    const first = await collect(request)
    expect(await collect(request)).toEqual(first)
    expect(await collect({ ...request, seed: 4 })).not.toEqual(first)
    expect(first.end).toEqual({ type: 'end', reason: 'max-tokens', tokenCount: 20 })
  })

  it('ends where the model ends its turn, and does not show that token', async () => {
    const request = await openRequest()
    const greedy = { ...request, model: countingModel(128), sampling: { temperature: 0, topP: 1 } }
    const { tokenizer } = greedy
    const { text, end } = await collect({ ...greedy, tokenizer: { ...tokenizer, endIds: new Set([46]) } })
    expect(text).toBe(tokenizer.decode([43, 44, 45]))
    expect(end).toEqual({ type: 'end', reason: 'end-token', tokenCount: 3 })
  })

  it('ends at a stop text, also when it comes in pieces', async () => {
    const request = await openRequest()
    const greedy = { ...request, model: countingModel(128), sampling: { temperature: 0, topP: 1 } }
    const stop = request.tokenizer.decode([45, 46])
    const { text, end } = await collect({ ...greedy, stops: [stop] })
    expect(text).toBe(request.tokenizer.decode([43, 44]))
    expect(end).toEqual({ type: 'end', reason: 'stop-text', tokenCount: 4 })
  })

  it('ends where the context is full', async () => {
    const request = await openRequest(16)
    const { end } = await collect({ ...request, maxTokens: 100 })
    // 16 positions hold the prompt and 13 tokens; one more is predicted from them.
    expect(end).toEqual({ type: 'end', reason: 'context-full', tokenCount: 14 })
  })

  it('ends between two runs when it is aborted', async () => {
    const request = await openRequest()
    const controller = new AbortController()
    const events: GenerationEvent[] = []
    for await (const event of generate({ ...request, signal: controller.signal })) {
      events.push(event)
      controller.abort()
    }
    expect(events.at(-1)).toEqual({ type: 'end', reason: 'aborted', tokenCount: 1 })
  })

  it('reads a long prompt in several runs', async () => {
    const request = await openRequest()
    const model = countingModel(1000)
    const prompt = Array.from({ length: 600 }, () => 50)
    await collect({ ...request, model, prompt, maxTokens: 2 })
    expect(model.lengths).toEqual([256, 256, 88, 1])
  })

  it('refuses a prompt longer than the context', async () => {
    const request = await openRequest(16)
    const error = await failureOf({ ...request, prompt: Array.from({ length: 17 }, () => 40) })
    expect(error.code).toBe('prompt-too-long')
    expect(error.details).toEqual({ tokens: 17, contextLength: 16, where: 'the prompt' })
  })

  it('refuses an empty prompt and settings out of range, each with its own words', async () => {
    const request = await openRequest()
    const error = await failureOf({
      ...request,
      prompt: [],
      sampling: { temperature: -1, topP: 0 },
      maxTokens: 0.5,
    })
    expect(error.code).toBe('request-invalid')
    expect((error as EngineError<'request-invalid'>).details.issues).toHaveLength(4)
  })
})
