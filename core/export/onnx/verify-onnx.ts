import type { Tokenizer } from '../../data/tokenizer/tokenizer.js'
import { BlockRunner } from '../../engine/block-runner.js'
import { embed } from '../../engine/embed.js'
import type { LoadedModel } from '../../engine/loaded-model.js'
import { openOnnxFolder } from '../../engine/onnx-folder.js'
import type { OnnxModel } from '../../engine/onnx-model.js'
import type { Overrides } from '../../engine/overrides.js'
import { VocabularyHead } from '../../engine/vocabulary-head.js'
import type { Device } from '../../runtime/device.js'
import { EngineError } from '../../schema/engine-error.js'

/** Largest difference of a logit that rounding explains: float32 sums of the same products in another order. */
const tolerance = 1e-3

export interface OnnxCheck {
  readonly folder: string
  readonly device: Device
  readonly model: LoadedModel
  readonly tokenizer: Tokenizer
  /** What the trained layers run with in our engine. */
  readonly overrides: Overrides
  /** Texts to compare on, each of up to 64 tokens, or up to the model's context. */
  readonly lines: readonly string[]
}

/**
 * Compares an exported folder with the engine: the ids of every line, and the logits at every position, the first half of a
 * line in one run and the second through the key-value cache.
 *
 * @returns the largest absolute difference of a logit
 * @throws EngineError `export-mismatch` for other ids or a difference above 1e-3, `runtime-failed`
 */
export async function verifyOnnx(check: OnnxCheck): Promise<number> {
  const { folder, device, model, tokenizer, overrides, lines } = check
  const exported = await openOnnxFolder(folder, device, new Date(0))
  const engine = referenceEngine(device, model, overrides)
  try {
    let largest = 0
    for (const line of lines) {
      const ids = tokenizer.encode(line, 'text')
      if (exported.tokenizer.encode(line, 'text').join() !== ids.join()) {
        throw mismatch(folder, `token ids of '${line}'`, 'those of another text')
      }
      const tokens = Int32Array.from(ids.slice(0, model.description.contextLength))
      const expected = await engine.logits(tokens)
      const found = await cachedLogits(exported.model, tokens)
      const difference = largestDifference(expected, found)
      if (!(difference <= tolerance)) {
        throw mismatch(folder, `logits of '${line}'`, `off by ${difference}, more than ${tolerance}`)
      }
      largest = Math.max(largest, difference)
    }
    return largest
  } finally {
    await exported.model.close()
    await engine.close()
  }
}

/** NaN where a logit is not a number. */
function largestDifference(expected: Float32Array, found: Float32Array): number {
  let largest = 0
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(expected[i] - found[i]))
  return largest
}

interface ReferenceEngine {
  /** Shape [tokens, vocabulary]. */
  logits(tokens: Int32Array): Promise<Float32Array>
  close(): Promise<void>
}

function referenceEngine(device: Device, model: LoadedModel, overrides: Overrides): ReferenceEngine {
  const { layerCount, width } = model.description
  const runner = new BlockRunner(device, model)
  const head = new VocabularyHead(device, model)
  return {
    async logits(tokens) {
      const hidden = await runner.run(embed(model, [tokens]), 0, layerCount, (layer) =>
        overrides(layer, null),
      )
      return head.logits(hidden.data.subarray(0, tokens.length * width))
    },
    async close() {
      await runner.close()
      await head.close()
    },
  }
}

async function cachedLogits(exported: OnnxModel, tokens: Int32Array): Promise<Float32Array> {
  const half = Math.ceil(tokens.length / 2)
  exported.reset()
  const first = await exported.append([...tokens.subarray(0, half)])
  const second = await exported.append([...tokens.subarray(half)])
  const logits = new Float32Array(first.length + second.length)
  logits.set(first)
  logits.set(second, first.length)
  return logits
}

function mismatch(folder: string, where: string, found: string): EngineError {
  const message = `'${folder}' did not read back as written: ${where} are ${found}`
  return new EngineError('export-mismatch', { path: folder, where }, message)
}
