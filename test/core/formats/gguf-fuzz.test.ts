import { expect, it } from 'vitest'
import { bytesSource } from '../../../core/formats/byte-source.js'
import { readGguf } from '../../../core/formats/gguf/read-gguf.js'
import { isReadableType } from '../../../core/formats/gguf/tensor-types.js'
import { summarizeModel } from '../../../core/model/summary.js'
import { readMatrix } from '../../../core/quantization/read-matrix.js'
import { readVector } from '../../../core/quantization/read-vector.js'
import { EngineError } from '../../../core/schema/engine-error.js'
import { modelSummarySchema } from '../../../core/schema/model-summary.js'
import { mutateBytes } from '../../support/mutate-bytes.js'
import { randomNumbers } from '../../support/random-numbers.js'
import { tinyGguf, type TinyModel } from '../../support/tiny-gguf.js'

const small = { layers: 1, width: 32, heads: 2, kvHeads: 1, feedForward: 32 }
const models: readonly Partial<TinyModel>[] = [
  { ...small, type: 'Q4_1' },
  { ...small, type: 'Q4_0', embeddingType: 'Q4_0', hasRopeFactors: true },
  { ...small, type: 'Q8_0', biases: ['attn_q', 'attn_k', 'attn_v'], normType: 'F16' },
  { ...small, type: 'F16', embeddingType: 'BF16', outputType: 'F32' },
  { ...small, width: 256, heads: 16, feedForward: 256, type: 'Q4_K', embeddingType: 'Q6_K' },
]
const filesPerModel = 2_000
const allowedBytes = 100e6

/** Does everything with a file that `inspect` and loading do, and returns the codes of the errors on the way. */
function openAll(bytes: Uint8Array): string[] {
  const source = bytesSource(bytes, 'fuzz.gguf')
  const codes: string[] = []
  const attempt = <T>(action: () => T): T | undefined => {
    try {
      return action()
    } catch (thrown) {
      if (!(thrown instanceof EngineError)) throw thrown
      codes.push((thrown as EngineError).code)
      return undefined
    }
  }
  const file = attempt(() => readGguf(source))
  if (!file) return codes
  const summary = modelSummarySchema.parse(summarizeModel(file, source))
  if (!summary.canTrain) codes.push('untrainable')
  for (const tensor of file.tensors.values()) {
    if (!isReadableType(tensor.type)) continue
    attempt(() => (tensor.shape.length === 2 ? readMatrix(source, tensor) : readVector(source, tensor)))
  }
  return codes
}

/** Where the header keeps lengths, types and counts: around every key and tensor name. */
function landmarksOf(bytes: Uint8Array): number[] {
  const file = readGguf(bytesSource(bytes, 'whole.gguf'))
  const buffer = Buffer.from(bytes)
  const names = [...file.metadata.keys(), ...file.tensors.keys()]
  return names.reduce(
    (landmarks, name) => {
      const start = buffer.indexOf(name)
      const end = start + Buffer.byteLength(name)
      return [...landmarks, start - 8, end, end + 4, end + 8, end + 12, end + 20]
    },
    [4, 8, 16],
  )
}

it(
  'answers 10,000 damaged files with an EngineError or a model, in at most 100 MB',
  { timeout: 60_000 },
  () => {
    const outcomes = new Map<string, number>()
    const before = process.memoryUsage.rss()
    let mostBytes = 0
    models.forEach((model, index) => {
      const bytes = tinyGguf(model)
      const { dataOffset } = readGguf(bytesSource(bytes, 'whole.gguf'))
      const landmarks = landmarksOf(bytes)
      const random = randomNumbers(1_000 + index)
      for (let count = 0; count < filesPerModel; count++) {
        const [outcome = 'whole'] = openAll(mutateBytes(random, bytes, dataOffset, landmarks))
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
        mostBytes = Math.max(mostBytes, process.memoryUsage.rss() - before)
      }
    })
    expect(mostBytes).toBeLessThan(allowedBytes)
    // Damage that stops at the magic would test nothing else: every kind of end must be reached often.
    expect([...outcomes.keys()].toSorted()).toEqual([
      'model-malformed',
      'model-unsupported',
      'untrainable',
      'whole',
    ])
    expect(Math.min(...outcomes.values())).toBeGreaterThan(9)
  },
)
