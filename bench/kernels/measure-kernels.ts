import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BlockRunner } from '../../core/engine/block-runner.js'
import { embed } from '../../core/engine/embed.js'
import type { LoadedModel } from '../../core/engine/loaded-model.js'
import { noChanges } from '../../core/engine/model-changes.js'
import { openModel, type OpenModel } from '../../core/engine/open-model.js'
import { defaultTokensPerRun, directFeatures, Scorer } from '../../core/engine/scorer.js'
import { VocabularyHead } from '../../core/engine/vocabulary-head.js'
import { convertGguf } from '../../core/export/convert-gguf.js'
import type { GgufType } from '../../core/schema/gguf-type.js'
import { describeModel } from '../../core/model/describe-model.js'
import { openModelFile } from '../../core/model/open-model-file.js'
import type { Device } from '../../core/runtime/device.js'
import { openCpuDevice } from '../../core/runtime/ort-device.js'
import type { Precision } from '../../core/schema/precision.js'
import { measureLosses } from '../../core/training/estimate.js'
import { recipeTemplates } from '../../core/training/recipe-templates.js'
import { createProbedParameters } from '../../core/training/recipes.js'
import { spreadOf, type Spread } from '../machine.js'
import { benchRows } from '../peer.js'
import { sharedFiles } from '../sst2.js'
import { sst2Task } from '../tasks.js'
import { wikiTextPart } from '../wikitext.js'
import { constantWeights, type ConstantKernel } from './constant-weights.js'

/** A way to multiply with the weights of blocks. */
interface KernelCase {
  readonly name: string
  readonly type: GgufType & ('q4_0' | 'q8_0')
  /** Null for weights that are inputs. */
  readonly constants: ConstantKernel | null
  readonly precision: Precision
}

const asInputs = { constants: null, precision: 'float32' } as const
const constant = (accuracyLevel: 1 | 4, zeroPoints: ConstantKernel['zeroPoints']) =>
  ({ constants: { accuracyLevel, zeroPoints }, precision: 'float32' }) as const

const cases: readonly KernelCase[] = [
  { name: '4 bits, inputs (what training uses)', type: 'q4_0', ...asInputs },
  { name: '4 bits, constants, zero points in floats', type: 'q4_0', ...constant(1, 'float32') },
  { name: '4 bits, constants, zero points in codes', type: 'q4_0', ...constant(1, 'uint8') },
  { name: '4 bits, constants, no zero points', type: 'q4_0', ...constant(1, 'none') },
  {
    name: '4 bits, constants, activations in 8 bits, zero points in codes',
    type: 'q4_0',
    ...constant(4, 'uint8'),
  },
  { name: '4 bits, constants, activations in 8 bits', type: 'q4_0', ...constant(4, 'none') },
  { name: '4 bits, inputs, products in half floats', type: 'q4_0', constants: null, precision: 'float16' },
  { name: '8 bits, inputs', type: 'q8_0', ...asInputs },
  { name: '8 bits, constants', type: 'q8_0', ...constant(1, 'none') },
  { name: '8 bits, constants, activations in 8 bits', type: 'q8_0', ...constant(4, 'none') },
]

export interface KernelResult {
  readonly name: string
  /** Forward passes of all blocks over rows of 64 tokens, and what weights as inputs take on the same rows. */
  readonly points: readonly { readonly tokens: number; readonly ms: Spread; readonly ratio: Spread }[]
  /** Of the losses of `probedRows` rows at one point: the mean absolute difference to products in floats. */
  readonly lossDifference: number
  /** Root mean square of the error of loss differences ℓ⁺ − ℓ⁻, in parts of their own. */
  readonly probeError: number
  /** Probes of one row whose sign is another one. */
  readonly wrongSigns: number
  readonly probedRows: number
}

const rowTokens = 64
const tokenCounts = [64, 256, 512, 1024]
const probeBatches = 4
/** Of the order of rows. */
const seed = 42

/**
 * Measures kernels that onnxruntime has for constant weights against weights as inputs, in turn, and what they do to probes:
 * the loss differences of `qzo-rows` on SST-2, against those of products in floats at the same points.
 *
 * Memory: a model in two types, and another copy of its blocks as constants.
 */
export async function* measureKernels(
  repeats: number,
  report: (line: string) => void,
): AsyncGenerator<KernelResult> {
  const folder = mkdtempSync(join(tmpdir(), 'zerotune-kernels-'))
  try {
    const rows = kernelRows()
    for (const type of ['q4_0', 'q8_0'] as const) {
      const { model } = openAs(type, folder)
      const device = openCpuDevice()
      const reference = openKernel(model, rows, device, 'float32')
      const expected = await reference.probes()
      for (const each of cases.filter((other) => other.type === type)) {
        const own = each.constants === null ? device : constantWeights(device, each.constants)
        const kernel = openKernel(model, rows, own, each.precision)
        const points: KernelResult['points'][number][] = []
        for (const tokens of tokenCounts) {
          const [ms, ratio]: [number[], number[]] = [[], []]
          for (let repeat = 0; repeat <= repeats; repeat++) {
            const [theirs, ours] = [await kernel.forwardMs(tokens), await reference.forwardMs(tokens)]
            // The first run opens sessions.
            if (repeat === 0) continue
            ms.push(theirs)
            ratio.push(theirs / ours)
          }
          points.push({ tokens, ms: spreadOf(ms), ratio: spreadOf(ratio) })
        }
        const result = { name: each.name, points, ...compareProbes(await kernel.probes(), expected) }
        await kernel.close()
        const ratios = points.map(({ ratio }) => ratio.median.toFixed(2)).join(', ')
        report(`${each.name}: ${ratios} of the time, probes off by ${(100 * result.probeError).toFixed(2)} %`)
        yield result
      }
      await reference.close()
      model.close()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function openAs(type: GgufType, folder: string): OpenModel {
  const { source, file } = openModelFile(sharedFiles().model)
  const path = join(folder, `${type}.gguf`)
  const { layerCount } = describeModel(file, source)
  convertGguf({ source, file, layerCount, type, changes: noChanges }, path)
  source.close()
  return openModel(path, new Date())
}

/** What kernels are given: running text, and rows whose losses are probed. */
function kernelRows() {
  const text = readFileSync(wikiTextPart('valid'), 'utf8').slice(0, 60_000)
  const { tokenizer, dataset, batches } = benchRows(sst2Task(), seed)
  return { tokens: Int32Array.from(tokenizer.encode(text, 'text')), dataset, batches }
}
type KernelRows = ReturnType<typeof kernelRows>

/** Losses on both sides of a probe, row by row. */
type Probes = readonly (readonly [plus: number, minus: number])[]

function openKernel(
  model: LoadedModel,
  { tokens, dataset, batches }: KernelRows,
  device: Device,
  precision: Precision,
) {
  const { layerCount } = model.description
  const runner = new BlockRunner(device, model, precision)
  const scorer = new Scorer({
    ...{ model, runner, objective: dataset.objective, tokensPerRun: defaultTokensPerRun },
    vocabularyHead: new VocabularyHead(device, model),
    features: directFeatures(model, runner, 0),
  })
  const template = recipeTemplates['qzo-rows']
  const parameters = createProbedParameters({ ...template, firstLayer: 0, endLayer: layerCount }, model)
  return {
    async forwardMs(count: number): Promise<number> {
      const rows = Array.from({ length: count / rowTokens }, (_, row) =>
        tokens.subarray(row * rowTokens, (row + 1) * rowTokens),
      )
      const hidden = embed(model, rows)
      const started = performance.now()
      await runner.run(hidden, 0, layerCount)
      return performance.now() - started
    },
    async probes(): Promise<Probes> {
      const found: (readonly [number, number])[] = []
      for (let index = 0; index < probeBatches; index++) {
        const probe = { seed: index + 1, epsilon: template.perturbationScale }
        const batch = batches.at(index + 1)
        const losses = await measureLosses(scorer, batch, parameters, template.probing, probe)
        losses.lossPlus.forEach((plus, row) => found.push([plus, losses.lossMinus[row]]))
      }
      return found
    },
    close: () => runner.close(),
  }
}

function compareProbes(
  found: Probes,
  expected: Probes,
): Pick<KernelResult, 'lossDifference' | 'probeError' | 'wrongSigns' | 'probedRows'> {
  let [loss, error, size, wrongSigns] = [0, 0, 0, 0]
  found.forEach(([plus, minus], row) => {
    const [plusBefore, minusBefore] = expected[row]
    const before = plusBefore - minusBefore
    const difference = plus - minus
    loss += (Math.abs(plus - plusBefore) + Math.abs(minus - minusBefore)) / 2
    error += (difference - before) ** 2
    size += before ** 2
    if (difference * before < 0) wrongSigns++
  })
  const probedRows = found.length
  return { lossDifference: loss / probedRows, probeError: Math.sqrt(error / size), wrongSigns, probedRows }
}
