import { BlockRunner } from '../../engine/block-runner.js'
import { embed } from '../../engine/embed.js'
import type { LoadedModel } from '../../engine/loaded-model.js'
import { openOnnxFolder } from '../../engine/onnx-folder.js'
import type { Overrides } from '../../engine/scorer.js'
import { VocabularyHead } from '../../engine/vocabulary-head.js'
import type { Device } from '../../runtime/device.js'
import { EngineError } from '../../schema/engine-error.js'

/** Largest difference of a logit that rounding explains: float32 sums of the same products in another order. */
const tolerance = 1e-3

export interface OnnxCheck {
  readonly folder: string
  readonly device: Device
  readonly model: LoadedModel
  /** What the trained layers run with in our engine. */
  readonly overrides: Overrides
  /** Texts to compare on, as token ids, each at most 64. */
  readonly rows: readonly Int32Array[]
}

/**
 * Compares the logits of an exported folder with the engine's at every position of every row: the first half of a row in
 * one run, the second through the key-value cache.
 *
 * @returns the largest absolute difference
 * @throws EngineError `export-mismatch` where it is above 1e-3, `runtime-failed`
 */
export async function verifyOnnx({ folder, device, model, overrides, rows }: OnnxCheck): Promise<number> {
  const { model: exported } = await openOnnxFolder(folder, device)
  const engine = referenceEngine(device, model, overrides)
  try {
    let largest = 0
    for (const [row, tokens] of rows.entries()) {
      const expected = await engine.logits(tokens)
      const found = await cachedLogits(exported, tokens)
      for (let i = 0; i < expected.length; i++) {
        const difference = Math.abs(expected[i] - found[i])
        if (!(difference <= tolerance)) {
          throw mismatch(folder, row, Math.floor(i / model.description.vocabularySize), difference)
        }
        largest = Math.max(largest, difference)
      }
    }
    return largest
  } finally {
    await exported.close()
    await engine.close()
  }
}

interface ReferenceEngine {
  /** Shape [tokens, vocabulary]. */
  logits(tokens: Int32Array): Promise<Float32Array>
  close(): Promise<void>
}

function referenceEngine(device: Device, model: LoadedModel, overrides: Overrides): ReferenceEngine {
  const { layerCount, width, vocabularySize } = model.description
  const runner = new BlockRunner(device, model)
  const head = new VocabularyHead(device, model)
  return {
    async logits(tokens) {
      const hidden = await runner.run(embed(model, [tokens]), 0, layerCount, (layer) =>
        overrides(layer, null),
      )
      const logits = new Float32Array(tokens.length * vocabularySize)
      for (let position = 0; position < tokens.length; position++) {
        const state = hidden.data.subarray(position * width, (position + 1) * width)
        logits.set(await head.logits(state), position * vocabularySize)
      }
      return logits
    },
    async close() {
      await runner.close()
      await head.close()
    },
  }
}

async function cachedLogits(
  exported: Awaited<ReturnType<typeof openOnnxFolder>>['model'],
  tokens: Int32Array,
): Promise<Float32Array> {
  const half = Math.ceil(tokens.length / 2)
  exported.reset()
  const first = await exported.append([...tokens.subarray(0, half)])
  const second = await exported.append([...tokens.subarray(half)])
  const logits = new Float32Array(first.length + second.length)
  logits.set(first)
  logits.set(second, first.length)
  return logits
}

function mismatch(folder: string, row: number, position: number, difference: number): EngineError {
  const where = `logits at position ${position} of text ${row}`
  const message = `'${folder}': ${where} differ from the engine's by ${difference.toExponential(1)}, expected at most ${tolerance}`
  return new EngineError('export-mismatch', { path: folder, where }, message)
}
