import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDecoder } from '../../../core/engine/decoder.js'
import { loadModel } from '../../../core/engine/loaded-model.js'
import { noChanges } from '../../../core/engine/model-changes.js'
import { convertGguf } from '../../../core/export/convert-gguf.js'
import { hadamardRotations } from '../../../core/export/rotated/rotations.js'
import { turnModel } from '../../../core/export/rotated/turn-model.js'
import { describeModel } from '../../../core/model/describe-model.js'
import { openModelFile } from '../../../core/model/open-model-file.js'
import { openCpuDevice } from '../../../core/runtime/ort-device.js'
import { goldenGguf, goldenModels } from '../../support/golden-models.js'
import { openLlamaJudge } from '../../support/llama-judge.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const device = openCpuDevice({ threads: 1 })
const turnable = goldenModels().filter(([name]) => !/gemma|olmo|stablelm|phi3-short/.test(name))
const newTokens = 16

/** Turns the model at `path` and writes it in half floats. */
async function turned(path: string): Promise<string> {
  const target = join(temporaryFolder(), 'turned.gguf')
  const base = openModelFile(path)
  const { layerCount, ...description } = describeModel(base.file, base.source)
  const rotations = hadamardRotations({ layerCount, ...description })
  const { source, file } = await turnModel(base, rotations, device, target)
  convertGguf({ source, file, layerCount, type: 'f16', changes: noChanges }, target)
  source.close()
  return target
}

function indexOfLargest(logits: Float32Array): number {
  return logits.indexOf(Math.max(...logits))
}

describe.each(turnable)('llama.cpp on a turned model, %s:', (_, golden) => {
  it('goes on with the text of the model as it was', async () => {
    const path = join(temporaryFolder(), 'base.gguf')
    writeFileSync(path, goldenGguf(golden))
    const model = loadModel(path)
    const decoder = await openDecoder(device, model)
    const text = [...golden.tokens]
    const margins: number[] = []
    for (let given = 0; text.length < golden.tokens.length + newTokens;) {
      const logits = (await decoder.next(text.slice(given))).slice()
      given = text.length
      const sorted = logits.toSorted()
      margins.push(sorted[sorted.length - 1] - sorted[sorted.length - 2])
      text.push(indexOfLargest(logits))
    }
    await decoder.close()
    model.close()
    const judge = await openLlamaJudge(await turned(path))
    const theirs = await judge.mostLikely(text)
    await judge.close()
    // Its cache and the turned weights are half floats: tokens that are nearly as likely as each other may change places.
    const start = golden.tokens.length - 1
    const differing = margins.flatMap((margin, at) =>
      theirs[start + at] === text[start + at + 1] ? [] : [margin],
    )
    expect(differing.length).toBeLessThan(2)
    expect(differing.filter((margin) => margin > 0.05)).toEqual([])
  })
})
