import { evaluationBatches } from '../data/batches.js'
import type { Example, Objective } from '../data/example.js'
import type { BlockRunner, Hidden } from '../engine/block-runner.js'
import { FeatureCache } from '../engine/feature-cache.js'
import type { Overrides } from '../engine/overrides.js'
import { raisedFeatures } from '../engine/raised-features.js'
import { runChunks } from '../engine/run-chunks.js'
import { featureRows, type FeatureRow, type FeatureSource } from '../engine/scorer.js'
import type { TrainEvent } from '../schema/events.js'
import type { FeatureFormat } from '../schema/feature-format.js'
import type { TrainJob } from '../schema/job.js'
import { freezesOf, freezesUntil } from './moving-layers.js'

/** What the hidden states of a run are made of. */
export interface RunFeaturesOptions {
  readonly job: TrainJob
  /** Of the file that keeps them, where the job has one. */
  readonly path: string
  readonly width: number
  readonly runner: BlockRunner
  /** States that enter the first trained layer, computed anew. */
  readonly direct: FeatureSource
  /** All rows of the run. */
  readonly examples: readonly Example[]
  readonly objective: Objective
}

/**
 * Hidden states that enter the first layer that moves, from a file where the job keeps them. When layers freeze, those that
 * enter the next moving layer are made of the states there are, by the layers between as the run left them, and take their
 * place: every layer below runs once a row in the whole run. A session that goes on makes the same files one after the other,
 * so it computes the same bits.
 */
export class RunFeatures implements FeatureSource {
  readonly #options: RunFeaturesOptions
  #source: FeatureSource
  #cache: FeatureCache | null
  #format: FeatureFormat
  #freezes = 0

  /** @throws EngineError 'file-unwritable' */
  constructor(options: RunFeaturesOptions) {
    const { job, direct } = options
    this.#options = options
    this.#format = job.featureFormat
    // Embeddings are looked up as fast; with freezes the file begins at the first of them.
    this.#cache = direct.layer === 0 && freezesOf(job.recipe).length > 0 ? null : this.#open(direct)
    this.#source = this.#cache ?? direct
  }

  get layer(): number {
    return this.#source.layer
  }

  hidden(rows: readonly FeatureRow[]): Promise<Hidden> {
    return this.#source.hidden(rows)
  }

  /** Fills the first file. */
  async *prepare(): AsyncGenerator<TrainEvent> {
    if (this.#cache !== null) yield* this.#fill(this.#cache)
  }

  /** Rises to where a run stands after `step` steps. @param overrides at its state. Throws as the constructor. */
  async *riseTo(step: number, overrides: Overrides): AsyncGenerator<TrainEvent> {
    const { recipe } = this.#options.job
    const due = freezesOf(recipe).slice(this.#freezes, freezesUntil(recipe, step))
    for (const { layer, featureFormat } of due) {
      this.#format = featureFormat ?? this.#format
      this.#freezes++
      const raised = raisedFeatures(this.#source, this.#options.runner, layer, overrides)
      const cache = this.#open(raised)
      if (cache !== null) yield* this.#fill(cache)
      this.#cache?.close()
      this.#cache = cache
      this.#source = cache ?? raised
    }
  }

  /** Removes the file. */
  close(): void {
    this.#cache?.close()
  }

  #open(source: FeatureSource): FeatureCache | null {
    const { job, path, width } = this.#options
    if (job.features === 'direct') return null
    const place = this.#freezes % 2 === 0 ? path : `${path}.raised`
    return new FeatureCache(place, source, width, this.#format)
  }

  /** In fixed batches, so that every session of a run computes the same bits. */
  async *#fill(cache: FeatureCache): AsyncGenerator<TrainEvent> {
    const { job, examples, objective } = this.#options
    const sorted = evaluationBatches(examples, examples.length).flat()
    let done = 0
    for (const chunk of runChunks(sorted, objective, 1, job.tokensPerRun)) {
      await cache.fill(featureRows(chunk.examples))
      done += chunk.examples.length
      yield { type: 'features', done, total: examples.length, bytes: cache.byteLength }
    }
  }
}
