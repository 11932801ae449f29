import { float32Tensor } from '../../engine/matrix-tensors.js'
import { buildKurtosisGraph } from '../../graph/kurtosis-graph.js'
import { buildTurnGraph } from '../../graph/turn-graph.js'
import type { Device, Session, Tensor } from '../../runtime/device.js'
import type { SplitSamples } from './samples.js'

/** Steps that are tried. Source: KurTail, arXiv:2503.01483, which takes 100. */
const stepCount = 100
/** Of the first step, about the largest angle that it turns by. */
const firstAngle = 0.1
/** A step that lowers the loss is followed by a longer one, another by a shorter one from the same place. */
const [longer, shorter] = [1.3, 0.5]

/** The mean kurtosis of some vectors. */
export interface MeanKurtosis {
  /** As they are. */
  readonly plain: number
  /** Turned by the matrix that learning began with. */
  readonly started: number
  readonly learned: number
}

/** Elements of RᵀR that are further from I's are those of a step that was too long. */
const largestDistance = 1e-6

/** An orthogonal matrix that was learned, and the kurtosis of vectors that it was not learned from. */
export interface LearnedRotation {
  readonly rotation: Float32Array
  readonly kurtosis: MeanKurtosis
}

/** A place of the search: how far the kurtosis is from that of evenly spread numbers, and the slope of that. */
interface Place {
  readonly rotation: Float32Array
  readonly loss: number
  readonly slope: Float32Array
}

/**
 * Learns rotations after which what a model reads is spread more evenly: steepest descent over orthogonal matrices, whose gradient is
 * known in closed form, with steps that grow as long as they help.
 *
 * Source: KurTail, Akhondzadeh et al. 2025, arXiv:2503.01483, whose optimizer is Cayley Adam.
 */
export class RotationLearner {
  readonly #kurtosis: Session
  readonly #turn: Session

  private constructor(kurtosis: Session, turn: Session) {
    this.#kurtosis = kurtosis
    this.#turn = turn
  }

  static async open(device: Device): Promise<RotationLearner> {
    return new RotationLearner(await device.open(buildKurtosisGraph()), await device.open(buildTurnGraph()))
  }

  /**
   * @param start orthogonal, shape [d, d]
   * @param onStep told which of how many steps is next; may throw to stop
   * @returns the start itself where there is nothing to learn from
   */
  async learn(
    { learned, judged }: SplitSamples,
    start: Float32Array,
    onStep: (step: number, count: number) => void = () => undefined,
  ): Promise<LearnedRotation> {
    let place: Place = { rotation: start, ...(await this.#look(learned, start)) }
    let stepLength = (firstAngle * Math.sqrt(Math.sqrt(start.length))) / (2 * norm(place.slope))
    for (let step = 0; step < stepCount && Number.isFinite(stepLength); step++) {
      onStep(step, stepCount)
      const { rotation, distance } = await this.#turned(place, stepLength)
      const found = distance <= largestDistance ? await this.#look(learned, rotation) : null
      const isBetter = found !== null && found.loss < place.loss
      if (isBetter) place = { rotation, ...found }
      stepLength *= isBetter ? longer : shorter
    }
    const { rotation } = place
    const kurtosisOf = async (matrix: Float32Array): Promise<number> =>
      (await this.#look(judged, matrix)).kurtosis
    return {
      rotation,
      kurtosis: {
        plain: await kurtosisOf(identity(start.length)),
        started: await kurtosisOf(start),
        learned: await kurtosisOf(rotation),
      },
    }
  }

  async close(): Promise<void> {
    await this.#kurtosis.close()
    await this.#turn.close()
  }

  async #look(
    samples: Float32Array,
    rotation: Float32Array,
  ): Promise<{ readonly loss: number; readonly kurtosis: number; readonly slope: Float32Array }> {
    const size = Math.sqrt(rotation.length)
    const [loss, kurtosis] = [new Float32Array(1), new Float32Array(1)]
    const slope = new Float32Array(rotation.length)
    await this.#kurtosis.run(
      {
        samples: float32Tensor(samples, [samples.length / size, size]),
        rotation: float32Tensor(rotation, [size, size]),
      },
      {
        loss: float32Tensor(loss, []),
        kurtosis: float32Tensor(kurtosis, []),
        slope: float32Tensor(slope, [size, size]),
      },
    )
    return { loss: loss[0], kurtosis: kurtosis[0], slope }
  }

  /** The rotation a step down the slope from a place, and how far it is from orthogonal. */
  async #turned(
    { rotation, slope }: Place,
    stepLength: number,
  ): Promise<{ readonly rotation: Float32Array; readonly distance: number }> {
    const size = Math.sqrt(rotation.length)
    const square = (values: Float32Array): Tensor => float32Tensor(values, [size, size])
    const [turned, distance] = [new Float32Array(rotation.length), new Float32Array(1)]
    const turn = slope.map((value) => stepLength * value)
    await this.#turn.run(
      { rotation: square(rotation), turn: square(turn) },
      { turned: square(turned), distance: float32Tensor(distance, []) },
    )
    return { rotation: turned, distance: distance[0] }
  }
}

/** √ Σ a², over all elements. */
function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
}

/** @param length of its elements */
function identity(length: number): Float32Array {
  const size = Math.sqrt(length)
  return Float32Array.from({ length }, (_, at) => (Math.floor(at / size) === at % size ? 1 : 0))
}
