import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../formats/atomic-file.js'
import { makeFolder } from '../formats/make-folder.js'
import { readJsonFile } from '../formats/read-json-file.js'
import { isRepositoryName } from './file-name.js'
import type { Repository } from './hub-api.js'
import { fileBytes, listFolder } from './list-folder.js'
import type { Offer } from './offered-files.js'
import { doneBytes, readPartState, removePart } from './part-state.js'
import { remoteFile } from './remote-file.js'

/** What was asked to be fetched: kept on disk until it is here, so that no crash forgets it. */
const downloadOrder = z.strictObject({
  version: z.literal(1),
  kind: z.enum(['model', 'dataset']),
  /** `OWNER/NAME` */
  name: z.string().refine(isRepositoryName),
  revision: z.string().regex(/^[0-9a-f]{40}$/),
  format: z.enum(['gguf', 'safetensors', 'data']),
  files: z.array(remoteFile).min(1).max(10_000),
  orderedAt: z.iso.datetime(),
})
export type DownloadOrder = z.infer<typeof downloadOrder>

const ordersFolder = '.downloads'
const mostOrderBytes = 8 * 2 ** 20

/** An order for what a person chose. */
export function orderOf(
  { kind, name, revision }: Repository,
  { format, files }: Offer,
  date: Date,
): DownloadOrder {
  return { version: 1, kind, name, revision, format, files: [...files], orderedAt: date.toISOString() }
}

/** The same files have the same id, whenever they are ordered. */
export function orderId({ kind, name, files }: DownloadOrder): string {
  const text = JSON.stringify([kind, name, files.map(({ path }) => path)])
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** Where the files of an order lie: `OWNER/NAME` in the folder of models, or in `datasets` there. */
export function orderFolder(root: string, { kind, name }: Pick<DownloadOrder, 'kind' | 'name'>): string {
  return join(root, ...(kind === 'dataset' ? ['datasets'] : []), ...name.split('/'))
}

export function filePath(root: string, order: DownloadOrder, path: string): string {
  return join(orderFolder(root, order), ...path.split('/'))
}

/** What names an order to people: its file, of several the first. */
export function firstFile({ files }: DownloadOrder): string {
  return files[0].path
}

/** What is opened afterwards: the file, the first part of a split one, or the folder. */
export function openedPath(root: string, order: DownloadOrder): string {
  return order.format === 'safetensors' ? orderFolder(root, order) : filePath(root, order, firstFile(order))
}

/** Bytes of an order that are here already, of files that are whole and of those that are not. */
export function receivedBytes(root: string, order: DownloadOrder): number {
  return order.files.reduce((sum, file) => {
    const target = filePath(root, order, file.path)
    if (fileBytes(target) !== null) return sum + file.byteLength
    const state = readPartState(target, file)
    return sum + (state === null ? 0 : doneBytes(state))
  }, 0)
}

export function saveOrder(root: string, order: DownloadOrder): void {
  makeFolder(join(root, ordersFolder))
  writeFileAtomic(orderPath(root, order), `${JSON.stringify(order)}\n`)
}

/** Orders that are not done, the oldest first. Files that are none are left alone. */
export function readOrders(root: string): readonly DownloadOrder[] {
  const folder = join(root, ordersFolder)
  const orders = listFolder(folder).flatMap(({ name }) => {
    if (!/^[0-9a-f]{32}\.json$/.test(name)) return []
    try {
      return [downloadOrder.parse(readJsonFile(join(folder, name), mostOrderBytes))]
    } catch {
      return []
    }
  })
  return orders.toSorted((left, right) => left.orderedAt.localeCompare(right.orderedAt))
}

/** Takes an order off the disk: it is done. */
export function closeOrder(root: string, order: DownloadOrder): void {
  rmSync(orderPath(root, order), { force: true })
}

/** Takes back an order, with what has come of files that are not whole. */
export function discardOrder(root: string, order: DownloadOrder): void {
  for (const { path } of order.files) removePart(filePath(root, order, path))
  closeOrder(root, order)
}

function orderPath(root: string, order: DownloadOrder): string {
  return join(root, ordersFolder, `${orderId(order)}.json`)
}
