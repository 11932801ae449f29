import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDecoder } from '../../../../core/engine/decoder.js'
import { readModel } from '../../../../core/engine/loaded-model.js'
import { kurtailRotations } from '../../../../core/export/rotated/kurtail.js'
import { hadamardRotations, type Rotations } from '../../../../core/export/rotated/rotations.js'
import { turnModel } from '../../../../core/export/rotated/turn-model.js'
import type { OpenGguf } from '../../../../core/formats/gguf/open-gguf.js'
import { describeModel } from '../../../../core/model/describe-model.js'
import { openModelFile } from '../../../../core/model/open-model-file.js'
import { readVector } from '../../../../core/quantization/read-vector.js'
import { openCpuDevice } from '../../../../core/runtime/ort-device.js'
import { goldenGguf, goldenModels } from '../../../support/golden-models.js'
import { distanceFromOrthogonal } from '../../../support/orthogonality.js'
import { randomNumbers } from '../../../support/random-numbers.js'
import { temporaryFolder } from '../../../support/temporary-folder.js'
import { tinyGguf } from '../../../support/tiny-gguf.js'

const device = openCpuDevice({ threads: 1 })
const tokens = [3, 9, 27, 17, 5, 40, 2, 11]

function opened(model: Uint8Array): OpenGguf {
  const path = join(temporaryFolder(), 'base.gguf')
  writeFileSync(path, model)
  return openModelFile(path)
}

async function logitsOf({ source, file }: OpenGguf): Promise<Float32Array> {
  const decoder = await openDecoder(device, readModel(source, file))
  const logits = (await decoder.next(tokens)).slice()
  await decoder.close()
  return logits
}

function relativeDistance(found: Float32Array, expected: Float32Array): number {
  const length = (values: Float32Array): number => Math.hypot(...values)
  return length(found.map((value, at) => value - expected[at])) / length(expected)
}

async function distanceOfTurned(model: Uint8Array): Promise<number> {
  const base = opened(model)
  const expected = await logitsOf(base)
  const rotations = hadamardRotations(describeModel(base.file, base.source))
  const turned = await turnModel(base, rotations, device, base.file.path)
  const found = await logitsOf(turned)
  turned.source.close()
  return relativeDistance(found, expected)
}

/** Families whose norms do not turn with the hidden state, and what is said of them. */
const unturnable: Readonly<Record<string, string | undefined>> = {
  gemma2: "'gemma2' has the norm 'post_attention_norm' after",
  gemma3: "'gemma3' has the norm 'post_attention_norm' after",
  olmo2: "'olmo2' has the norm 'post_attention_norm' after",
  olmo3: "'olmo2' has the norm 'post_attention_norm' after",
  stablelm: "'stablelm' has layer norms",
}

const [turnable, others] = [true, false].map((isTurnable) =>
  goldenModels().filter(([name]) => (unturnable[name] === undefined) === isTurnable),
)

it.each(turnable)('a model of the family %s computes the same when it is turned', async (_, golden) => {
  expect(await distanceOfTurned(goldenGguf(golden))).toBeLessThan(1e-4)
})

it.each(others)('a model of the family %s is refused, by name', async (name, golden) => {
  await expect(distanceOfTurned(goldenGguf(golden))).rejects.toThrow(unturnable[name] ?? name)
})

describe('a turned model', () => {
  const options = {
    type: 'F16',
    embeddingType: 'F32',
    biases: ['attn_q', 'attn_v', 'attn_output', 'ffn_down'],
  } as const

  it('computes the same with biases on what is turned', async () => {
    expect(await distanceOfTurned(tinyGguf(options))).toBeLessThan(1e-4)
  })

  it('computes the same with an output of its own', async () => {
    expect(await distanceOfTurned(tinyGguf({ ...options, outputType: 'F16' }))).toBeLessThan(1e-4)
  })

  it('has norms of 1, and an output that is not its embedding', async () => {
    const base = opened(tinyGguf(options))
    const rotations = hadamardRotations(describeModel(base.file, base.source))
    const { source, file } = await turnModel(base, rotations, device, base.file.path)
    for (const name of ['blk.0.attn_norm.weight', 'blk.1.ffn_norm.weight', 'output_norm.weight']) {
      const tensor = file.tensors.get(name)
      expect(tensor && new Set(readVector(source, tensor))).toEqual(new Set([1]))
    }
    expect(describeModel(base.file, base.source).isOutputTied).toBe(true)
    expect(describeModel(file, source).isOutputTied).toBe(false)
    expect(file.metadata).toEqual(base.file.metadata)
    source.close()
  })
})

describe('rotations that are learned from what a model reads', () => {
  const random = randomNumbers(3)
  const rows = Array.from({ length: 12 }, () => Int32Array.from({ length: 64 }, () => 2 * random.below(20)))

  it('spread it more evenly, and change nothing of what it computes', async () => {
    const base = opened(tinyGguf({ type: 'F16', embeddingType: 'F32' }))
    const expected = await logitsOf(base)
    const { rotations, residual, values } = await kurtailRotations(base, device, rows, base.file.path)
    for (const { started, learned } of [residual, values]) expect(learned).toBeLessThan(started)
    for (const rotation of all(rotations)) expect(distanceFromOrthogonal(rotation)).toBeLessThan(1e-6)
    const turned = await turnModel(base, rotations, device, base.file.path)
    expect(relativeDistance(await logitsOf(turned), expected)).toBeLessThan(1e-4)
    turned.source.close()
  })
})

function all({ residual, values }: Rotations): readonly Float32Array[] {
  return [residual, ...values.flat()]
}
