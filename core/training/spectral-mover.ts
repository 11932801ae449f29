import { orthogonalize, powerOrthogonalize, type MatrixShape } from '../parameters/orthogonalize.js'
import { dot, orthonormalize } from '../parameters/small-svd.js'
import type { TrainedParameters } from '../parameters/trained-parameters.js'
import { signPatterns } from '../random/sign-patterns.js'
import type { SpectralStep } from '../schema/spectral-step.js'

interface SteppedMatrix {
  readonly shape: MatrixShape
  readonly values: Int32Array
  readonly before: Int32Array
  readonly orthogonalized: (step: Float64Array) => Float64Array
}

/**
 * Takes the step Δ of `move` with its singular values evened out, Δ' = O ‖Δ‖_F / ‖O‖_F for the O that Δ's matrix is
 * orthogonalized to: as long as before, so that a learning rate means what it means elsewhere; rounded to whole units.
 *
 * Source: ZO-Muon, arXiv:2602.17155, where the length of O itself is the step's; ZO-MOPI, arXiv:2605.09034.
 *
 * @param parameters at the state that the run begins with
 * @param seed of the run
 */
export function spectralMover<Line>(
  parameters: TrainedParameters,
  spectral: SpectralStep,
  seed: number,
  move: (step: number, line: Line) => void,
): (step: number, line: Line) => void {
  const matrices = [...(parameters.shapes ?? [])].flatMap(([name, shape]): SteppedMatrix[] => {
    const values = parameters.numbers.get(name)
    if (!(values instanceof Int32Array)) return []
    return [
      { shape, values, before: values.slice(), orthogonalized: orthogonalizer(spectral, name, shape, seed) },
    ]
  })
  return (step, line) => {
    for (const { values, before } of matrices) before.set(values)
    move(step, line)
    for (const { values, before, orthogonalized } of matrices) {
      const taken = difference(values, before)
      const square = dot(taken, taken)
      const even = orthogonalized(taken)
      const evenSquare = dot(even, even)
      // Nothing has moved, or not in the directions that are followed: then the step stays as it was.
      if (evenSquare === 0) continue
      const scale = Math.sqrt(square / evenSquare)
      addRounded(values, before, even, scale)
    }
    parameters.refresh()
  }
}

function orthogonalizer(
  spectral: SpectralStep,
  name: string,
  shape: MatrixShape,
  seed: number,
): SteppedMatrix['orthogonalized'] {
  if (spectral.kind === 'newton-schulz') return (step) => orthogonalize(step, shape, spectral.rounds)
  const right = startOf(Math.min(spectral.rank, ...shape), shape[1], name, seed)
  return (step) => powerOrthogonalize(step, shape, right)
}

function difference(values: Int32Array, before: Int32Array): Float64Array {
  const taken = new Float64Array(values.length)
  for (let i = 0; i < taken.length; i++) taken[i] = values[i] - before[i]
  return taken
}

/** target = before + scale · step, rounded. */
function addRounded(target: Int32Array, before: Int32Array, step: Float64Array, scale: number): void {
  for (let i = 0; i < target.length; i++) target[i] = before[i] + Math.round(scale * step[i])
}

/** Signs, which any processor makes alike. */
function startOf(rank: number, columns: number, name: string, seed: number): Float64Array[] {
  const start = Array.from({ length: rank }, (_, lane) =>
    Float64Array.from(signPatterns(columns, seed, `${name}.spectrum`, lane), (pattern) =>
      pattern & 1 ? 1 : -1,
    ),
  )
  orthonormalize(start)
  return start
}
