/** Gradients by the names of what they are of. */
export type NamedGradient = ReadonlyMap<string, Float32Array>

/** Where the squared norm of a mean gradient lies, and how it compares with the differences between examples. */
export interface GradientShape {
  readonly examples: number
  readonly numbers: number
  /** ‖ḡ‖² / tr Σ of one example. */
  readonly signalToNoise: number
  /** The largest so many of all numbers, and their part of ‖ḡ‖². */
  readonly largest: readonly { readonly share: number; readonly energy: number }[]
  readonly linears: readonly EnergyPart[]
  readonly layers: readonly EnergyPart[]
}

/** A part of the numbers. */
export interface EnergyPart {
  readonly name: string
  /** Of all numbers. */
  readonly share: number
  /** Of ‖ḡ‖². */
  readonly energy: number
}

const largestShares = [0.001, 0.01, 0.1]

/**
 * The shape of a gradient from those of single examples, named `blk.LAYER.LINEAR.…`.
 *
 * ‖ḡ‖² is estimated without bias as (‖Σ g‖² − Σ ‖g‖²) / n (n − 1), and tr Σ as (Σ ‖g‖² − n ‖ḡ‖²) / n; energies of parts likewise.
 * The largest numbers are found on one half of the examples and weighed on the other, so that noise is not taken for them.
 */
export function gradientShape(gradients: readonly NamedGradient[]): GradientShape {
  const [even, odd] = [0, 1].map((rest) => gradients.filter((_, index) => index % 2 === rest))
  const all = gradients.map(flattened)
  const places = placesOf(gradients[0])
  const energies = pairProducts(all)
  const [seen, other] = [even, odd].map((half) => meanOf(half.map(flattened)))
  const total = sum(energies)
  const squares = all.reduce((norm, gradient) => norm + dot(gradient, gradient), 0)
  const shared = dot(seen, other)
  const order = Uint32Array.from(seen.keys()).sort((a, b) => Math.abs(seen[b]) - Math.abs(seen[a]))
  const partOf = (name: string, isIn: (place: Place) => boolean): EnergyPart => {
    const parts = places.filter(isIn)
    const energy = parts.reduce((found, { from, to }) => found + sum(energies.subarray(from, to)), 0)
    const count = parts.reduce((found, { from, to }) => found + to - from, 0)
    return { name, share: count / seen.length, energy: energy / total }
  }
  return {
    examples: gradients.length,
    numbers: seen.length,
    signalToNoise: total / (squares / all.length - total),
    largest: largestShares.map((share) => {
      const chosen = order.subarray(0, Math.round(share * order.length))
      const energy = chosen.reduce((found, index) => found + seen[index] * other[index], 0) / shared
      return { share, energy }
    }),
    linears: distinct(places, ({ linear }) => linear).map((name) =>
      partOf(name, ({ linear }) => linear === name),
    ),
    layers: distinct(places, ({ layer }) => layer).map((name) => partOf(name, ({ layer }) => layer === name)),
  }
}

/** Where a tensor lies among all numbers. */
interface Place {
  readonly layer: string
  readonly linear: string
  readonly from: number
  readonly to: number
}

function placesOf(gradient: NamedGradient): Place[] {
  let from = 0
  return [...gradient].map(([name, values]) => {
    const [, layer, linear] = name.split('.')
    const place = { layer, linear, from, to: from + values.length }
    from = place.to
    return place
  })
}

function flattened(gradient: NamedGradient): Float64Array {
  return Float64Array.from([...gradient.values()].flatMap((values) => [...values]))
}

/** Of every number, the mean product of two different examples' gradients. */
function pairProducts(gradients: readonly Float64Array[]): Float64Array {
  const count = gradients.length
  return gradients[0].map((_, index) => {
    let [total, squares] = [0, 0]
    for (const gradient of gradients) {
      total += gradient[index]
      squares += gradient[index] ** 2
    }
    return (total * total - squares) / (count * (count - 1))
  })
}

function meanOf(gradients: readonly Float64Array[]): Float64Array {
  return gradients[0].map(
    (_, index) => gradients.reduce((total, each) => total + each[index], 0) / gradients.length,
  )
}

function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((total, value, index) => total + value * right[index], 0)
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0)
}

function distinct(places: readonly Place[], of: (place: Place) => string): string[] {
  return [...new Set(places.map(of))]
}
