/** The largest element of RᵀR − I. @param rotation R, square */
export function distanceFromOrthogonal(rotation: Float32Array): number {
  const size = Math.sqrt(rotation.length)
  let largest = 0
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      let product = i === j ? -1 : 0
      for (let row = 0; row < size; row++) product += rotation[row * size + i] * rotation[row * size + j]
      largest = Math.max(largest, Math.abs(product))
    }
  }
  return largest
}
