import { readFileSync } from 'node:fs'
import { BlockRunner } from '../core/engine/block-runner.js'
import { embed } from '../core/engine/embed.js'
import { openModel } from '../core/engine/open-model.js'
import { openCpuDevice } from '../core/runtime/ort-device.js'
import { llamaPromptMs } from './llama-prompt.js'
import { spreadOf, type Spread } from './machine.js'
import { openPlainProducts } from './plain-products.js'
import { sharedFiles } from './sst2.js'
import { wikiTextPart } from './wikitext.js'

/** Forward passes of all blocks over so many tokens. */
export interface ThroughputPoint {
  readonly tokens: number
  readonly forwardMs: Spread
  readonly tokensPerSecond: number
  /** Time of onnxruntime's own float32 products of the same shapes, as a share of the forward pass. */
  readonly shareOfProducts: Spread
}

export interface ThroughputResult {
  /** Rows of `rowTokens` tokens each. */
  readonly rowTokens: number
  readonly points: readonly ThroughputPoint[]
  /** One row of so many tokens, as llama.cpp reads a prompt: ours without the head, llama.cpp's with it. */
  readonly prompt: { readonly tokens: number; readonly oursMs: Spread; readonly llamaMs: Spread }
}

const rowTokens = 64
const batches = [64, 128, 256, 512, 1024, 2048, 4096]
const promptTokens = 512

/** Measures forward passes against the bare products and against llama.cpp, in turn, `repeats` times each. */
export async function measureThroughput(
  repeats: number,
  report: (line: string) => void,
): Promise<ThroughputResult> {
  const { model: path } = sharedFiles()
  const { model, tokenizer } = openModel(path, new Date())
  const text = readFileSync(wikiTextPart('valid'), 'utf8').slice(0, 60_000)
  const tokens = Int32Array.from(tokenizer.encode(text, 'text'))
  const { layerCount } = model.description
  const device = openCpuDevice()
  const runner = new BlockRunner(device, model)
  const forward = (batch: number, length: number) => {
    const rows = Array.from({ length: batch }, (_, row) => tokens.subarray(row * length, (row + 1) * length))
    return timed(() => runner.run(embed(model, rows), 0, layerCount))
  }
  const points: ThroughputPoint[] = []
  for (const count of batches) {
    const products = await openPlainProducts(device, model.description, count)
    const forwardMs: number[] = []
    const productMs: number[] = []
    for (let repeat = 0; repeat <= repeats; repeat++) {
      const ours = await forward(count / rowTokens, rowTokens)
      const theirs = await timed(async () => {
        for (let layer = 0; layer < layerCount; layer++) await products.run()
      })
      // The first run opens sessions.
      if (repeat === 0) continue
      forwardMs.push(ours)
      productMs.push(theirs)
    }
    await products.close()
    const point = {
      tokens: count,
      forwardMs: spreadOf(forwardMs),
      tokensPerSecond: (1000 * count) / spreadOf(forwardMs).median,
      shareOfProducts: spreadOf(productMs.map((ms, index) => ms / forwardMs[index])),
    }
    report(
      `${count} tokens: ${point.tokensPerSecond.toFixed(0)} tokens/s, products ${point.shareOfProducts.median.toFixed(2)} of it`,
    )
    points.push(point)
  }
  const oursMs: number[] = []
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const ms = await forward(1, promptTokens)
    if (repeat > 0) oursMs.push(ms)
  }
  await runner.close()
  const [llamaMs] = await llamaPromptMs(
    path,
    [[...tokens.subarray(0, promptTokens)]],
    device.threads,
    repeats,
  )
  const prompt = { tokens: promptTokens, oursMs: spreadOf(oursMs), llamaMs: spreadOf(llamaMs) }
  report(
    `a prompt of ${promptTokens}: ours ${prompt.oursMs.median.toFixed(0)} ms, llama.cpp ${prompt.llamaMs.median.toFixed(0)} ms`,
  )
  return { rowTokens, points, prompt }
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await action()
  return performance.now() - started
}
