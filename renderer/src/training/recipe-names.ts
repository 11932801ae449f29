import type { RunSettings } from '../../../electron/ipc/plan.js'

type RecipeName = RunSettings['recipe']

// An object, so that a recipe that is missing does not compile.
const order: Readonly<Record<RecipeName, number>> = {
  'exact-rows': 0,
  'exact-lora': 1,
  'exact-scales': 2,
  'exact-all': 3,
  'exact-qat': 4,
  'exact-prompt': 5,
  'qzo-rows': 6,
  qzo: 7,
  'qzo-paper': 8,
  zeroqat: 9,
}

/** Every recipe, in the order in which they are offered. */
export const recipeNames = (Object.keys(order) as RecipeName[]).toSorted((a, b) => order[a] - order[b])
