/** A binary heap of numbers: `pop` takes the smallest. */
export class NumberHeap {
  private readonly items: number[] = []

  get size(): number {
    return this.items.length
  }

  push(value: number): void {
    const { items } = this
    let index = items.length
    items.push(value)
    while (index > 0) {
      const parent = (index - 1) >>> 1
      if (items[parent] <= value) break
      items[index] = items[parent]
      index = parent
    }
    items[index] = value
  }

  /** The smallest number, or undefined when empty. */
  pop(): number | undefined {
    const { items } = this
    const smallest = items[0] as number | undefined
    const last = items.pop()
    if (last !== undefined && items.length > 0) this.sink(last)
    return smallest
  }

  private sink(value: number): void {
    const { items } = this
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= items.length) break
      if (child + 1 < items.length && items[child + 1] < items[child]) child++
      if (items[child] >= value) break
      items[index] = items[child]
      index = child
    }
    items[index] = value
  }
}
