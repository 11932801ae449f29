import type { BlockOverride } from '../engine/block-runner.js'
import { isGraphModel, type TrainableModel } from '../engine/graph-model.js'
import type { LoadedModel } from '../engine/loaded-model.js'
import { codesTensor } from '../engine/matrix-tensors.js'
import type { Overrides } from '../engine/overrides.js'
import { linearNames, linearShape, type LinearName } from '../model/description.js'
import type { QuantizedMatrix } from '../quantization/matrix.js'
import { canReplaceCodes } from '../quantization/replace-codes.js'
import type { CodeRounding } from '../schema/code-rounding.js'
import { EngineError } from '../schema/engine-error.js'
import { modelProblem } from '../schema/model-problems.js'
import { CodeMatrix, CodeRoom } from './code-matrix.js'
import { packStates, unpackStates } from './log-state.js'
import { quantizedLinears, type QuantizedLinear } from './quantized-linears.js'
import type { TrainedLayers } from './trained-layers.js'
import { reaches, type Probe, type StepScope, type TrainedParameters } from './trained-parameters.js'

interface CodedLinear extends QuantizedLinear {
  readonly trained: CodeMatrix
}

export interface WeightCodeOptions extends TrainedLayers {
  /** Of these linears, those whose type holds any code are trained. */
  readonly linears: readonly LinearName[]
  readonly rounding: CodeRounding
  /** Size of a probe, in codes. */
  readonly perturbationScale: number
}

/**
 * The codes of quantized linears, the whole numbers that the file holds; a probe changes some of them by one or more, one
 * direction for the whole batch (`CodeMatrix`). Scales and zero points stay.
 */
export class WeightCodes implements TrainedParameters {
  readonly lanes = 'batch'
  readonly firstLayer: number
  readonly endLayer: number
  readonly count: number
  readonly numbers: ReadonlyMap<string, Uint8Array>
  readonly #linears: readonly CodedLinear[]
  /** Probed codes, one a linear, used by every layer in turn. */
  readonly #probed = new Map<LinearName, Uint8Array>()

  /** @throws EngineError 'model-untrainable' where no chosen linear is of a type that holds any code */
  constructor(model: LoadedModel, { linears, rounding, perturbationScale, ...layers }: WeightCodeOptions) {
    this.firstLayer = layers.firstLayer
    this.endLayer = layers.endLayer
    const room = new CodeRoom()
    this.#linears = trainableLinears(model, layers, linears).map((linear) => {
      const name = `blk.${linear.layer}.${linear.linear}.codes`
      const options = { name, base: linear.matrix, rounding, perturbationScale, room }
      return { ...linear, name, trained: new CodeMatrix(options) }
    })
    this.numbers = new Map(this.#linears.map(({ name, trained }) => [name, trained.codes]))
    this.count = this.#linears.reduce((sum, { matrix }) => sum + matrix.rows * matrix.columns, 0)
  }

  overrides(probe: Probe | null, side: 1 | -1 = 1): Overrides {
    return (layer): BlockOverride | null => {
      const ofLayer = this.#linears.filter((linear) => linear.layer === layer)
      if (ofLayer.length === 0) return null
      const isStill = probe === null || !reaches(probe.layers, layer)
      const tensors = ofLayer.map((linear) => {
        const codes = isStill ? linear.trained.codes : this.#atProbe(linear, probe, side)
        return [`${linear.linear}.codes`, codesTensor({ ...linear.matrix, codes })] as const
      })
      return { factors: 'none', tensors: Object.fromEntries(tensors) }
    }
  }

  /** @param coefficients whole numbers of `unitsOfCode` */
  move(seed: number, coefficients: readonly number[], { layers }: StepScope = {}): void {
    for (const { layer, trained } of this.#linears) {
      if (reaches(layers, layer)) trained.move(seed, coefficients)
    }
  }

  save(): Uint8Array {
    return packStates([...this.numbers.values()])
  }

  /** Nothing is left out of steps that led there, whatever was before. */
  load(bytes: Uint8Array): void {
    unpackStates(bytes, [...this.numbers.values()])
    for (const { trained } of this.#linears) trained.residuals?.fill(0)
  }

  /** Nothing is made of the codes ahead of time. */
  refresh(): void {}

  /** Codes change, not factors on scales. */
  scaleFactors(): null {
    return null
  }

  matrix(layer: number, name: LinearName): QuantizedMatrix | null {
    const found = this.#linears.find((each) => each.layer === layer && each.linear === name)
    if (found === undefined || Buffer.compare(found.trained.codes, found.matrix.codes) === 0) return null
    return { ...found.matrix, codes: found.trained.codes }
  }

  #atProbe({ linear, trained }: CodedLinear, probe: Probe, side: 1 | -1): Uint8Array {
    const { byteLength } = trained.codes
    const known = this.#probed.get(linear)
    const target = known?.byteLength === byteLength ? known : new Uint8Array(byteLength)
    this.#probed.set(linear, target)
    trained.probe(target, probe, side)
    return target
  }
}

/** Linears whose codes can be trained, from what a file's header says: for plans, which make nothing. A graph has none. */
export function codeSizes(
  model: TrainableModel,
  { firstLayer, endLayer }: TrainedLayers,
  linears: readonly LinearName[],
): { readonly weights: number; readonly bits: 4 | 8 }[] {
  if (isGraphModel(model)) return []
  return model.blocks.slice(firstLayer, endLayer).flatMap(({ stored }) =>
    linearNames.flatMap((name) => {
      const format = stored.formats[name]
      if (!linears.includes(name) || !canReplaceCodes(stored.tensors[name])) return []
      const { rows, columns } = linearShape(model.description, name)
      return format.kind === 'quantized' ? [{ weights: rows * columns, bits: format.bits }] : []
    }),
  )
}

function trainableLinears(
  model: LoadedModel,
  { firstLayer, endLayer }: TrainedLayers,
  linears: readonly LinearName[],
): QuantizedLinear[] {
  const found = quantizedLinears(model, firstLayer, endLayer).filter(
    ({ layer, linear }) =>
      linears.includes(linear) && canReplaceCodes(model.blocks[layer].stored.tensors[linear]),
  )
  if (found.length > 0) return found
  const reason = modelProblem('no-whole-codes')
  throw new EngineError('model-untrainable', { reason }, reason)
}
