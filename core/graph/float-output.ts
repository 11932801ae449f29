import { endNode, type GraphEnd } from './graph-end.js'
import { elementTypes, valueInfo, type Value } from './tape.js'

/** What comes out of a graph that ends in an output in float32. */
export const floatOutputName = 'zerotune.output'

/** One of a graph's outputs in float32, whatever floats it has. */
export function floatOutput(output: Value): GraphEnd {
  return {
    nodes: [endNode('Cast', [output], floatOutputName, { to: elementTypes.float32 })],
    inputs: [],
    outputs: [valueInfo(floatOutputName, 'float32')],
  }
}
