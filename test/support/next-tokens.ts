import { readFileSync } from 'node:fs'
import { BlockRunner } from '../../core/engine/block-runner.js'
import { embed } from '../../core/engine/embed.js'
import type { Overrides } from '../../core/engine/overrides.js'
import { VocabularyHead } from '../../core/engine/vocabulary-head.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import type { ModelParts } from './open-tiny.js'
import { sharedPath } from './shared-files.js'

/**
 * Long windows: early in a text many tokens are nearly as likely as each other, and rounding decides. Even llama.cpp with
 * batches of 32 instead of 512 gives another token at 3 % of these positions, and at 4 % of those in windows of 250.
 */
const windowTokens = 1000

/** Pieces of running text, spread over the file, each from the start of a line. */
export function textWindows({ tokenizer }: ModelParts, textName: string, windowCount: number): number[][] {
  const text = readFileSync(sharedPath(textName), 'utf8')
  const step = Math.floor(text.length / windowCount)
  return Array.from({ length: windowCount }, (_, index) => {
    const start = index === 0 ? 0 : text.indexOf('\n', index * step) + 1
    return tokenizer.encode(text.slice(start, start + 12 * windowTokens), 'text').slice(0, windowTokens)
  })
}

/** What our engine says about a position. */
export interface Prediction {
  readonly token: number
  /** How many nats less likely than it our engine finds the token that llama.cpp predicts. */
  readonly distance: number
}

/** The most likely token after each of `tokens`, at the state that `overrides` describes. */
export async function predictBeside(
  { model }: ModelParts,
  tokens: readonly number[],
  theirs: readonly number[],
  overrides: Overrides = () => null,
): Promise<Prediction[]> {
  const device = openCpuDevice()
  const runner = new BlockRunner(device, model)
  const head = new VocabularyHead(device, model)
  const hidden = embed(model, [Int32Array.from(tokens)])
  const { data } = await runner.run(hidden, 0, model.description.layerCount, (layer) =>
    overrides(layer, null),
  )
  const ofTheirs = await head.score(data, theirs)
  const best = ofTheirs.map(({ bestToken }) => bestToken)
  const ofBest = await head.score(data, best)
  await runner.close()
  await head.close()
  return best.map((token, position) => ({
    token,
    distance: ofBest[position].logProbability - ofTheirs[position].logProbability,
  }))
}
