import { fillSigns, signAt, signWordCount } from '../../random/directions.js'

/**
 * An orthogonal matrix that spreads each of `width` channels over all of them: D (H ⊗ C), with D random signs, H a Hadamard matrix of the
 * largest power of two that divides the width, and C the cosine transform of what is left, whose entries are at most √2 times as large
 * as even ones.
 *
 * Source: QuaRot, Ashkboos et al. 2024, arXiv:2404.00456, whose Hadamard matrices are random in the same way.
 *
 * @param lane tells apart matrices of one width
 * @returns shape [width, width]
 */
export function startRotation(width: number, lane: number): Float32Array {
  const power = largestPower(width)
  const rest = width / power
  const cosines = cosineTransform(rest)
  const words = new Uint32Array(signWordCount(width))
  fillSigns(words, 0, 'rotation', lane)
  const rotation = new Float32Array(width * width)
  for (let row = 0; row < width; row++) {
    const size = signAt(words, row) / Math.sqrt(power)
    const [outer, inner] = [Math.floor(row / rest), row % rest]
    for (let column = 0; column < width; column++) {
      const sign = bitCount(outer & Math.floor(column / rest)) % 2 === 0 ? size : -size
      rotation[row * width + column] = sign * cosines[inner * rest + (column % rest)]
    }
  }
  return rotation
}

/** The largest power of two that divides a whole number. */
function largestPower(width: number): number {
  return width & -width
}

/** Orthonormal, shape [size, size]: √(2 / size) cos(π (2j + 1) i / 2 size), and √(1 / size) in row 0. Source: Ahmed et al. 1974 (DCT-II). */
function cosineTransform(size: number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, at) => {
    const [row, column] = [Math.floor(at / size), at % size]
    if (row === 0) return Math.sqrt(1 / size)
    return Math.sqrt(2 / size) * Math.cos((Math.PI * (2 * column + 1) * row) / (2 * size))
  })
}

function bitCount(bits: number): number {
  let count = 0
  for (let rest = bits; rest > 0; rest &= rest - 1) count++
  return count
}
