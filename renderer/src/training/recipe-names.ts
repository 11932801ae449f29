import type { RunSettings } from '../../../electron/ipc/choices.js'

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
  fzoo: 9,
  kerzoo: 10,
  'spsa-curvature': 11,
  lezo: 12,
  zeroqat: 13,
}

/** Every recipe, in the order in which they are offered. */
export const recipeNames = (Object.keys(order) as RecipeName[]).toSorted((a, b) => order[a] - order[b])
