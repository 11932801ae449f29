import type { BlockOverride } from '../engine/block-runner.js'
import { float32Tensor } from '../engine/matrix-tensors.js'
import type { LowRankMatrices } from '../engine/model-changes.js'
import type { Overrides, RowProbe } from '../engine/overrides.js'
import { ReusedBuffers } from '../engine/reused-buffer.js'
import { linearNames, linearShape, type LinearName, type ModelDescription } from '../model/description.js'
import type { Tensor } from '../runtime/device.js'
import type { LowRankSettings } from '../schema/trained-part.js'
import { BranchMatrix } from './branch-matrix.js'
import { packStates, unpackStates } from './log-state.js'
import { branchScale, startOfDown } from './parts/low-rank-part.js'
import type { TrainedLayers } from './trained-layers.js'
import { reaches, type Probe, type StepScope, type TrainedParameters } from './trained-parameters.js'

/** A branch beside a linear, y += scale · (x Aᵀ) Bᵀ. */
interface Branch {
  readonly layer: number
  readonly linear: LinearName
  /** A, shape [rank, columns]. */
  readonly down: BranchMatrix
  /** B, shape [rows, rank]. */
  readonly up: BranchMatrix
}

/**
 * Low-rank branches beside linears, trained by forward passes. At a probe every row of the batch has branches of its own,
 * A + ε/√columns · a bᵀ and B + ε · c dᵀ, which cost it two thin products each (`graph/branch.ts`); plus and minus run as one
 * batch. A's numbers go 1/√columns as far as B's, as they begin that much smaller: both then move what a branch gives alike.
 *
 * Source: EGGROLL, arXiv:2511.16652, on the matrices of branches; directions an example, GRZO, arXiv:2606.02857.
 */
export class LowRankBranches implements TrainedParameters {
  readonly lanes = 'example'
  readonly firstLayer: number
  readonly endLayer: number
  readonly count: number
  readonly numbers: ReadonlyMap<string, Int32Array>
  readonly #rank: number
  readonly #scale: number
  readonly #branches: readonly Branch[]
  /** Noise of one layer, used by every layer in turn. */
  readonly #buffers = new ReusedBuffers()

  constructor(model: ModelDescription, layers: TrainedLayers, settings: LowRankSettings) {
    this.firstLayer = layers.firstLayer
    this.endLayer = layers.endLayer
    this.#rank = settings.rank
    this.#scale = branchScale(settings)
    const chosen = linearNames.filter((name) => settings.linears.includes(name))
    this.#branches = Array.from({ length: this.endLayer - this.firstLayer }, (_, index) =>
      chosen.map((linear) => createBranch(model, this.firstLayer + index, linear, settings)),
    ).flat()
    this.numbers = new Map(this.#matrices.map(({ name, units }) => [name, units]))
    this.count = this.#matrices.reduce((sum, { units }) => sum + units.length, 0)
  }

  get #matrices(): BranchMatrix[] {
    return this.#branches.flatMap(({ down, up }) => [down, up])
  }

  overrides(probe: Probe | null): Overrides {
    return (layer, rows): BlockOverride | null => {
      const branches = this.#branches.filter((branch) => branch.layer === layer)
      if (branches.length === 0) return null
      const isStill = probe === null || rows === null || !reaches(probe.layers, layer)
      const shape = { rank: this.#rank, scale: this.#scale, ...(!isStill && { hasNoise: true as const }) }
      const tensors = branches.flatMap(({ linear, down, up }) => [
        [`${linear}.loraA`, float32Tensor(down.values, down.shape)] as const,
        [`${linear}.loraB`, float32Tensor(up.values, up.shape)] as const,
        ...(isStill
          ? []
          : [
              ...this.#noise(`${linear}.loraA`, down, probe, rows),
              ...this.#noise(`${linear}.loraB`, up, probe, rows),
            ]),
      ])
      return {
        factors: 'none',
        lowRank: Object.fromEntries(branches.map(({ linear }) => [linear, shape])),
        tensors: Object.fromEntries(tensors),
      }
    }
  }

  move(seed: number, coefficients: readonly number[], { layers }: StepScope = {}): void {
    for (const { layer, down, up } of this.#branches) {
      if (!reaches(layers, layer)) continue
      down.move(seed, coefficients)
      up.move(seed, coefficients)
    }
  }

  save(): Uint8Array {
    return packStates(this.#matrices.map(({ units }) => units))
  }

  load(bytes: Uint8Array): void {
    unpackStates(
      bytes,
      this.#matrices.map(({ units }) => units),
    )
    this.refresh()
  }

  refresh(): void {
    for (const matrix of this.#matrices) matrix.refresh()
  }

  /** Branches stand beside the scales. */
  scaleFactors(): null {
    return null
  }

  branch(layer: number, name: LinearName): LowRankMatrices | null {
    const found = this.#branches.find((each) => each.layer === layer && each.linear === name)
    if (found === undefined) return null
    return { rank: this.#rank, scale: this.#scale, down: found.down.values, up: found.up.values }
  }

  /** What every row of the batch adds to a matrix: left [batch, 1, outputs] and right [batch, inputs, 1]. */
  #noise(
    name: string,
    matrix: BranchMatrix,
    { seed, epsilon }: Probe,
    rows: readonly RowProbe[],
  ): (readonly [string, Tensor])[] {
    const [outputs, inputs] = matrix.shape
    const left = this.#buffers.take(`${name}.left`, rows.length * outputs)
    const right = this.#buffers.take(`${name}.right`, rows.length * inputs)
    rows.forEach(({ lane, sign }, row) => {
      matrix.fillLeft(left.subarray(row * outputs, (row + 1) * outputs), seed, lane, sign, epsilon)
      matrix.fillRight(right.subarray(row * inputs, (row + 1) * inputs), seed, lane)
    })
    return [
      [`${name}.left`, float32Tensor(left, [rows.length, 1, outputs])],
      [`${name}.right`, float32Tensor(right, [rows.length, inputs, 1])],
    ]
  }
}

function createBranch(
  model: ModelDescription,
  layer: number,
  linear: LinearName,
  { rank, seed }: LowRankSettings,
): Branch {
  const { rows, columns } = linearShape(model, linear)
  const name = `blk.${layer}.${linear}`
  const reach = 1 / Math.sqrt(columns)
  const down = new BranchMatrix({ name: `${name}.loraA`, outputs: rank, inputs: columns, reach })
  down.begin(startOfDown(down.name, rank, columns, seed))
  return {
    ...{ layer, linear, down },
    up: new BranchMatrix({ name: `${name}.loraB`, outputs: rows, inputs: rank, reach: 1 }),
  }
}
