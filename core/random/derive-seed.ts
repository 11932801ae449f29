import { philox4x32 } from './philox.js'

/**
 * An independent uint32 seed for a purpose: the path names it, for instance `(step, query)`. Each number of the path is
 * absorbed by one Philox block, so that (1, 2) and (2, 1) differ.
 */
export function deriveSeed(seed: number, ...path: readonly number[]): number {
  let derived = seed >>> 0
  path.forEach((part, depth) => {
    derived = philox4x32([part >>> 0, depth, 0, 0x5eed], [derived, path.length])[0]
  })
  return derived
}

/** FNV-1a over UTF-16 units: a stable uint32 for a name, used as half of a random key. */
export function hashName(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
