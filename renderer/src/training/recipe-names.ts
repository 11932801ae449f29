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
  'qzo-rows-momentum': 7,
  'qzo-rows-adam': 8,
  dizo: 9,
  qzo: 10,
  'qzo-paper': 11,
  qes: 21,
  quzo: 22,
  fzoo: 12,
  kerzoo: 13,
  'spsa-curvature': 14,
  lezo: 15,
  pezo: 16,
  lozo: 17,
  'zo-muon': 18,
  eggroll: 20,
  zeroqat: 19,
}

/** The recipes that train factors on rows, which factors on columns can stand beside. */
const withRowFactors: ReadonlySet<RecipeName> = new Set<RecipeName>([
  'exact-rows',
  'exact-all',
  'qzo-rows',
  'qzo-rows-momentum',
  'qzo-rows-adam',
  'dizo',
])

/** As the engine says of its own recipes. */
export function hasRowFactors(recipe: RecipeName): boolean {
  return withRowFactors.has(recipe)
}

/** Every recipe, in the order in which they are offered. */
export const recipeNames = (Object.keys(order) as RecipeName[]).toSorted((a, b) => order[a] - order[b])
