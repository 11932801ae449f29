import { deriveSeed, hashName } from '../random/derive-seed.js'
import type { RowNotes } from './row-notes.js'

const purpose = hashName('split-groups')
/** A group may take its part this far beyond what was asked for. */
const mostExcess = 1.2

/**
 * Chooses whole groups of rows to set aside, about as many rows as wanted, and of each label about its share.
 *
 * Groups come in an order of the seed and their names alone. One is taken where it neither takes the part too far nor a label
 * too far beyond its share; where that is not enough, the label is let go. Every label keeps a row to train on.
 *
 * @param labels of the rows, by line
 * @returns lines, ascending; empty where no group fits
 */
export function chooseGroupLines(
  { lines, groups }: RowNotes,
  labels: ReadonlyMap<number, number>,
  wanted: number,
  seed: number,
): readonly number[] {
  const byGroup = new Map<number, number[]>()
  groups.forEach((group, index) => {
    const found = byGroup.get(group)
    if (found === undefined) byGroup.set(group, [lines[index]])
    else found.push(lines[index])
  })
  const left = counts(lines, labels)
  const share = wanted / lines.length
  const quota = new Map([...left].map(([label, count]) => [label, Math.ceil(count * share * mostExcess)]))
  const taken = new Map<number, number>()
  const chosen: number[] = []
  const ordered = [...byGroup]
    .map(([group, members]) => ({ members, key: deriveSeed(seed, purpose, group % 0x100000000) }))
    .sort((a, b) => a.key - b.key || a.members[0] - b.members[0])
    .map(({ members }) => members)
  for (const isStrict of [true, false]) {
    for (const members of ordered) {
      const found = counts(members, labels)
      if (chosen.length >= wanted || members.some((line) => chosen.includes(line))) continue
      const fits = chosen.length + members.length <= Math.max(wanted * mostExcess, 1)
      const leavesAll = [...found].every(([label, count]) => (left.get(label) ?? 0) > count)
      const isEven = [...found].every(
        ([label, count]) => (taken.get(label) ?? 0) + count <= (quota.get(label) ?? 0),
      )
      if (!fits || !leavesAll || (isStrict && !isEven)) continue
      chosen.push(...members)
      for (const [label, count] of found) {
        left.set(label, (left.get(label) ?? 0) - count)
        taken.set(label, (taken.get(label) ?? 0) + count)
      }
    }
  }
  return chosen.sort((a, b) => a - b)
}

function counts(lines: ArrayLike<number>, labels: ReadonlyMap<number, number>): Map<number, number> {
  const found = new Map<number, number>()
  for (const line of Array.from(lines)) {
    const label = labels.get(line) ?? 0
    found.set(label, (found.get(label) ?? 0) + 1)
  }
  return found
}
