import type { AnyOpenModel } from '../engine/open-graph-model.js'
import { isTensorGraph } from '../engine/graph-model.js'
import type { Task } from '../schema/task.js'

/** The one task that a graph without text can learn; null where a model reads text, of which there are several. */
export function taskOfGraph({ model }: AnyOpenModel): Task | null {
  return isTensorGraph(model) ? { version: 1, kind: 'tensors' } : null
}
