import { basename, dirname } from 'node:path'
import type { Example, Objective, TensorExample } from '../data/example.js'
import { readTensorRow } from '../data/tensors/read-tensor-row.js'
import { batchAxis, tensorPorts, type TensorPorts } from '../data/tensors/tensor-ports.js'
import { floatOutput, floatOutputName } from '../graph/float-output.js'
import type { Device, Session, Tensors } from '../runtime/device.js'
import { requestIssue } from '../schema/request-issues.js'
import { squaredErrorScore, type ExampleScore } from './example-score.js'
import type { ExampleScorer } from './example-scorer.js'
import { initialScales, openGraphEnd, type TensorGraphModel } from './graph-model.js'
import { float32Tensor } from './matrix-tensors.js'
import { meanSquaredError } from './mean-squared-error.js'
import type { Overrides } from './overrides.js'
import { tensorBatch, type TensorBatch } from './tensor-batch.js'
import { tensorRuns } from './tensor-runs.js'

export interface TensorScorerOptions {
  readonly model: TensorGraphModel
  readonly objective: Objective
  /** Positions that one run of the graph takes at most (one row may exceed it). */
  readonly positionsPerRun: number
}

/**
 * Mean squared errors of rows by a model's own graph, at its scales as the file has them or at those of overrides. Rows of equal
 * shapes run together where the graph has an axis for that; their numbers are read from their files each time.
 */
export class TensorScorer implements ExampleScorer {
  readonly hasAnswers = false
  readonly #options: TensorScorerOptions
  readonly #ports: TensorPorts
  readonly #session: Session

  private constructor(options: TensorScorerOptions, ports: TensorPorts, session: Session) {
    this.#options = options
    this.#ports = ports
    this.#session = session
  }

  /** @throws EngineError 'runtime-failed'; 'request-invalid' for text, or an output that the graph does not have */
  static async open(options: TensorScorerOptions, device: Device): Promise<TensorScorer> {
    const { model, objective } = options
    if (objective.kind !== 'tensors') throw requestIssue('text-of-tensors')
    const ports = tensorPorts(model.tensorGraph, objective)
    return new TensorScorer(options, ports, await openGraphEnd(model, floatOutput(ports.target.name), device))
  }

  async score(examples: readonly Example[], overrides: Overrides): Promise<ExampleScore[]> {
    const [scores] = await this.scoreEach(examples, [overrides])
    return scores
  }

  async scoreEach(examples: readonly Example[], overrides: readonly Overrides[]): Promise<ExampleScore[][]> {
    const rows = examples.filter((example) => example.kind === 'tensors')
    const scores = overrides.map((): ExampleScore[] => [])
    const together = batchAxis(this.#ports) !== null
    for (const run of tensorRuns(rows, this.#options.positionsPerRun, together)) {
      const batch = tensorBatch(run.map((row) => readTensorRow(fileOf(row), this.#ports)))
      for (const [index, each] of overrides.entries()) {
        // The scales of a probe lie in memory that the next probe writes to.
        scores[index].push(...(await this.#run(batch, each(0, null)?.tensors ?? {})))
      }
    }
    return scores
  }

  scoreBothWays(): Promise<ExampleScore[][]> {
    throw new Error('rows of a graph share its scales, so that none has a direction of its own')
  }

  close(): Promise<void> {
    return this.#session.close()
  }

  async #run({ inputs, shape, targets }: TensorBatch, scales: Tensors): Promise<ExampleScore[]> {
    const output = new Float32Array(targets.reduce((sum, { length }) => sum + length, 0))
    await this.#session.run(
      { ...inputs, ...initialScales(this.#options.model), ...scales },
      { [floatOutputName]: float32Tensor(output, [...shape]) },
    )
    return targets.map((target, row) => {
      const first = row * target.length
      return squaredErrorScore(meanSquaredError(output.subarray(first, first + target.length), target))
    })
  }
}

function fileOf({ path, line }: TensorExample) {
  return { folder: dirname(path), path, name: basename(path), line }
}
