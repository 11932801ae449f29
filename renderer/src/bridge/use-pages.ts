import { onScopeDispose, ref, shallowReactive, watch } from 'vue'

const pageRows = 200
/** Pages kept at most: a table may have 100,000 rows, the page's memory not. */
const mostPages = 24

/** Rows of one table, fetched by pages as they come into view. */
export interface Pages<Row> {
  /** The row, or undefined while it is on its way. */
  rowAt(index: number): Row | undefined
  /** Sees to it that these rows are there. */
  need(first: number, last: number): void
}

/**
 * Follows the table that `key` names: another key forgets all rows. `fetch` gets the key, the first row and how many.
 */
export function usePages<Key, Row>(
  key: () => Key | undefined,
  fetch: (key: Key, offset: number, count: number) => Promise<readonly Row[]>,
): Pages<Row> {
  const pages = shallowReactive(new Map<number, readonly Row[]>())
  const asked = new Set<number>()
  const generation = ref(0)

  async function fetchPage(page: number): Promise<void> {
    const wanted = key()
    if (wanted === undefined || asked.has(page)) return
    const before = generation.value
    asked.add(page)
    try {
      const rows = await fetch(wanted, page * pageRows, pageRows)
      if (before !== generation.value) return
      pages.set(page, rows)
      const oldest = pages.keys().next().value
      if (pages.size > mostPages && oldest !== undefined) {
        pages.delete(oldest)
        asked.delete(oldest)
      }
    } catch {
      // Asked again when the rows come into view again; what the table belongs to shows its own failure.
      if (before === generation.value) asked.delete(page)
    }
  }

  function forget(): void {
    generation.value++
    pages.clear()
    asked.clear()
  }

  watch(() => JSON.stringify(key()), forget)
  onScopeDispose(forget)

  return {
    rowAt: (index) => pages.get(Math.floor(index / pageRows))?.[index % pageRows],
    need: (first, last) => {
      for (let page = Math.floor(first / pageRows); page <= Math.floor(last / pageRows); page++)
        void fetchPage(page)
    },
  }
}
