import { onScopeDispose, shallowReactive, watch } from 'vue'
import type { RequestOutput } from '../../../electron/ipc/contract.js'
import { useClient } from '../bridge/client.js'

type Row = RequestOutput<'data.rows'>['rows'][number]

const pageRows = 200
/** Pages kept at most: the table may have 100,000 rows, the page's memory not. */
const mostPages = 24

/** The rows of a data file, fetched by pages as a table comes to need them. */
export function useRowPages(data: () => string | undefined) {
  const client = useClient()
  const pages = shallowReactive(new Map<number, readonly Row[]>())
  const asked = new Set<number>()
  let isDisposed = false

  function forget(): void {
    pages.clear()
    asked.clear()
  }

  /** The row, or undefined while it is on its way. */
  function rowAt(index: number): Row | undefined {
    return pages.get(Math.floor(index / pageRows))?.[index % pageRows]
  }

  async function fetchPage(page: number): Promise<void> {
    const handle = data()
    if (handle === undefined || asked.has(page)) return
    asked.add(page)
    try {
      const { rows } = await client.request('data.rows', {
        data: handle,
        offset: page * pageRows,
        count: pageRows,
      })
      if (isDisposed || handle !== data()) return
      pages.set(page, rows)
      const oldest = pages.keys().next().value
      if (pages.size > mostPages && oldest !== undefined) {
        pages.delete(oldest)
        asked.delete(oldest)
      }
    } catch {
      // Asked again when the rows come into view again; the description's own failure is what the person sees.
      asked.delete(page)
    }
  }

  /** Sees to it that these rows are there. */
  function need(first: number, last: number): void {
    for (let page = Math.floor(first / pageRows); page <= Math.floor(last / pageRows); page++)
      void fetchPage(page)
  }

  watch(data, forget)
  onScopeDispose(() => (isDisposed = true))

  return { rowAt, need }
}
