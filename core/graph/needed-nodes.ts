import type onnxProto from 'onnx-proto'

/** Those nodes that the values called `outputs` depend on, in their order: the runtime runs all it is given. */
export function neededNodes(
  nodes: readonly onnxProto.onnx.INodeProto[],
  outputs: readonly string[],
): onnxProto.onnx.INodeProto[] {
  const needed = new Set(outputs)
  return nodes
    .toReversed()
    .filter(({ input, output }) => {
      const isNeeded = output?.some((name) => needed.has(name)) ?? false
      if (isNeeded) for (const name of input ?? []) needed.add(name)
      return isNeeded
    })
    .toReversed()
}
