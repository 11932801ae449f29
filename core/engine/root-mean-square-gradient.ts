/**
 * Gradient of a loss at x, where it is `ofNormed` at x̂ = x / √(mean(x²) + ε).
 *
 * ∂L/∂x = r · (g − x̂ · mean(g ∘ x̂)), r = 1 / √(mean(x²) + ε), g = ∂L/∂x̂. In float64: the two terms nearly cancel along x.
 *
 * @param ofNormed g; its length is the width of x
 * @param target where the gradient is added, from `offset`, as x lies in `hidden` from `offset`
 */
export function addRootMeanSquareGradient(
  ofNormed: Float64Array,
  hidden: Float32Array,
  target: Float32Array,
  offset: number,
  epsilon: number,
): void {
  const width = ofNormed.length
  let squares = 0
  let along = 0
  for (let i = 0; i < width; i++) {
    const x = hidden[offset + i]
    squares += x * x
    along += x * ofNormed[i]
  }
  const inverse = 1 / Math.sqrt(squares / width + epsilon)
  const pull = (along * inverse * inverse) / width
  for (let i = 0; i < width; i++) {
    target[offset + i] += inverse * (ofNormed[i] - hidden[offset + i] * pull)
  }
}
