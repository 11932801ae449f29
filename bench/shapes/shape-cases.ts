import type { RecipeName } from '../../core/schema/recipe.js'
import type { ShapeName, ShapeType } from './shape.js'

/** A run on a model of a large shape, three steps long. */
export interface ShapeCase {
  readonly name: string
  readonly shape: ShapeName
  readonly type: ShapeType
  readonly recipe: RecipeName
  /** Labels after a prompt, or answers of 32 tokens, scored over the whole vocabulary. */
  readonly task: 'labels' | 'answers'
  /** Rows of 256 tokens. */
  readonly batchSize: number
  readonly budgetBytes: number
  /** Whether a copy of the run, made after its second step, is resumed and compared with it. */
  readonly resumes: boolean
  /** Whether it is exported as a GGUF file. */
  readonly exports: boolean
  /** For trying the measurement out; only run by name. */
  readonly isTrial: boolean
}

/** The shapes that the product is for, on a machine with two cores. */
export const shapeCases: readonly ShapeCase[] = [
  { ...eight('exact-rows', 8), resumes: true, exports: true },
  { ...eight('exact-lora', 8), task: 'answers' },
  eight('qzo-rows', 8),
  { ...eight('exact-rows', 4), batchSize: 2, resumes: true, exports: true },
  { ...thirteen('exact-rows'), resumes: true },
  thirteen('qzo-rows'),
  {
    ...eight('exact-rows', 1),
    name: 'small, exact-rows, 1 GB',
    shape: 'small',
    resumes: true,
    exports: true,
    isTrial: true,
  },
]

function eight(recipe: RecipeName, gigabytes: number): ShapeCase {
  return {
    name: `8B, ${recipe}, ${gigabytes} GB`,
    shape: 'llama-3.1-8B',
    type: 'Q4_0',
    recipe,
    task: 'labels',
    batchSize: 4,
    budgetBytes: gigabytes * 1e9,
    resumes: false,
    exports: false,
    isTrial: false,
  }
}

/** One row a step, as QZO's and ZeroQAT's figures are given for. */
function thirteen(recipe: RecipeName): ShapeCase {
  const ofEight = eight(recipe, 12)
  return { ...ofEight, name: `13B, ${recipe}, 12 GB`, shape: 'llama-2-13B', batchSize: 1 }
}
