import { join } from 'node:path'
import { spreadOf, type Spread } from './machine.js'
import { readMethodRuns, type MethodRun } from './methods.js'
import { measuredOn, megabytes, percent, range } from './result-text.js'

/** Every recipe within equal budgets of forward passes, the least loss first: the tables of docs/methods.md. */
export function methodsTable(folder: string): string {
  const runs = readMethodRuns(join(folder, 'methods.jsonl'))
  const groups = groupedBy(runs, ({ subject, budget }) => `${subject}, ${budget} forward passes`)
  const tables = [...groups].map(([name, ofGroup]) => groupTable(name, ofGroup))
  return [...tables, '![Dev loss of each recipe at equal cost](charts/methods.svg)'].join('\n\n')
}

function groupTable(name: string, runs: readonly MethodRun[]): string {
  const byRecipe = [...groupedBy(runs, ({ recipe }) => recipe)]
    .map(([recipe, ofRecipe]) => ({
      recipe,
      runs: ofRecipe,
      loss: figures(ofRecipe, ({ after }) => after.loss),
    }))
    .toSorted((left, right) => left.loss.mean - right.loss.mean)
  const [{ before, machine }] = runs
  const machines = new Set(runs.map(({ machine: each }) => measuredOn(each)))
  return [
    `### ${name}`,
    '',
    `Before: loss ${before.loss.toFixed(3)}, accuracy ${percent(before.accuracy ?? 0)}. Means (extremes) of the seeds; ${measuredOn(machine)}${machines.size > 1 ? ` and ${machines.size - 1} more states of the code` : ''}.`,
    '',
    '| recipe | seeds | steps | loss after | accuracy after | peak memory |',
    '|---|---|---|---|---|---|',
    ...byRecipe.map(({ recipe, runs: ofRecipe, loss }) => {
      const accuracy = figures(ofRecipe, ({ after }) => after.accuracy ?? 0)
      const cells = [
        `\`${recipe}\``,
        ofRecipe.length,
        ofRecipe[0].steps,
        range(loss, (value) => value.toFixed(3)),
        range(accuracy, percent),
        megabytes(figures(ofRecipe, ({ peakBytes }) => peakBytes).max),
      ]
      return `| ${cells.join(' | ')} |`
    }),
  ].join('\n')
}

/** Runs by what `keyOf` says of them, in the order in which that came up. */
export function groupedBy(
  runs: readonly MethodRun[],
  keyOf: (run: MethodRun) => string,
): Map<string, MethodRun[]> {
  const groups = new Map<string, MethodRun[]>()
  for (const run of runs) groups.set(keyOf(run), [...(groups.get(keyOf(run)) ?? []), run])
  return groups
}

function figures(runs: readonly MethodRun[], of: (run: MethodRun) => number): Spread {
  return spreadOf(runs.map(of))
}
