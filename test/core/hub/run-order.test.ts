import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  discardOrder,
  openedPath,
  orderOf,
  readOrders,
  receivedBytes,
  saveOrder,
  type DownloadOrder,
} from '../../../core/hub/download-order.js'
import { findElsewhere } from '../../../core/hub/find-elsewhere.js'
import { describeRepository } from '../../../core/hub/hub-api.js'
import { offersOf } from '../../../core/hub/offered-files.js'
import { runOrder, type OrderProgress } from '../../../core/hub/run-order.js'
import { TransferRate } from '../../../core/hub/transfer-rate.js'
import { openFakeHub, promised, type FakeHub } from '../../support/fake-hub.js'
import { randomBytes } from '../../support/random-bytes.js'
import { temporaryFolder } from '../../support/temporary-folder.js'

const folderFiles = {
  'config.json': Buffer.from('{"model_type":"llama"}'),
  'tokenizer.json': randomBytes(5000, 1),
  'model.safetensors': randomBytes(40_000, 2),
}
const pieceBytes = 8192

async function orderFrom(fake: FakeHub): Promise<DownloadOrder> {
  const { signal } = new AbortController()
  const repository = await describeRepository(fake.open(), { kind: 'model', name: 'someone/tiny' }, signal)
  return orderOf(repository, offersOf(repository)[0], new Date(0))
}

describe('an order', () => {
  it('fetches all files of a folder, tells how far it is, and is off the disk when it is done', async () => {
    const fake = await openFakeHub({ 'someone/tiny': { files: folderFiles } })
    const order = await orderFrom(fake)
    const root = temporaryFolder()
    const told: OrderProgress[] = []
    const { signal } = new AbortController()
    await runOrder(order, {
      root,
      hub: fake.open(),
      signal,
      progress: (progress) => told.push(progress),
      pieceBytes,
    })
    const folder = openedPath(root, order)
    expect(folder).toBe(join(root, 'someone', 'tiny'))
    for (const [name, bytes] of Object.entries(folderFiles))
      expect(readFileSync(join(folder, name)).equals(bytes)).toBe(true)
    expect(readOrders(root)).toEqual([])
    const total = 22 + 5000 + 40_000
    const downloading = told.filter(({ phase }) => phase === 'downloading')
    expect(downloading.at(-1)).toEqual({ phase: 'downloading', done: total, total })
    expect(downloading.map(({ done }) => done)).toEqual(
      downloading.map(({ done }) => done).toSorted((a, b) => a - b),
    )
    const before = fake.seen.length
    await runOrder(order, { root, hub: fake.open(), signal, progress: () => undefined, pieceBytes })
    expect(fake.seen.length).toBe(before)
  })

  it('stays on the disk when it fails, and goes on from what is there', async () => {
    const fake = await openFakeHub({ 'someone/tiny': { files: folderFiles } })
    const order = await orderFrom(fake)
    const root = temporaryFolder()
    const { signal } = new AbortController()
    const context = { root, hub: fake.open(), signal, progress: () => undefined, pieceBytes }
    fake.behave((index, path) => (path === 'model.safetensors' && index > 3 ? { status: 404 } : null))
    await expect(runOrder(order, context)).rejects.toMatchObject({ code: 'hub-not-found' })
    expect(readOrders(root)).toEqual([order])
    expect(receivedBytes(root, order)).toBeGreaterThan(5022)
    fake.behave(() => null)
    await runOrder(order, context)
    expect(readOrders(root)).toEqual([])
  })

  it('is not begun where the disk has no room for it', async () => {
    const fake = await openFakeHub({ 'someone/tiny': { files: folderFiles } })
    const order = await orderFrom(fake)
    const huge: DownloadOrder = { ...order, files: [{ ...order.files[0], byteLength: 1e15 }] }
    const before = fake.seen.length
    const { signal } = new AbortController()
    const context = { root: temporaryFolder(), hub: fake.open(), signal, progress: () => undefined }
    await expect(runOrder(huge, context)).rejects.toMatchObject({ code: 'space-missing' })
    expect(fake.seen.length).toBe(before)
  })

  it('does not take a file of the same name for its own', async () => {
    const fake = await openFakeHub({ 'someone/tiny': { files: folderFiles } })
    const order = await orderFrom(fake)
    const root = temporaryFolder()
    mkdirSync(join(root, 'someone', 'tiny'), { recursive: true })
    writeFileSync(join(root, 'someone', 'tiny', 'config.json'), '{"mine":true}')
    const { signal } = new AbortController()
    const context = { root, hub: fake.open(), signal, progress: () => undefined, pieceBytes }
    await expect(runOrder(order, context)).rejects.toMatchObject({ code: 'file-exists' })
  })

  it('is taken back with what came of it, but never with a whole file', async () => {
    const fake = await openFakeHub({ 'someone/tiny': { files: folderFiles } })
    const order = await orderFrom(fake)
    const root = temporaryFolder()
    const { signal } = new AbortController()
    fake.behave((index, path) => (path === 'model.safetensors' && index > 3 ? { status: 404 } : null))
    const context = { root, hub: fake.open(), signal, progress: () => undefined, pieceBytes }
    await expect(runOrder(order, context)).rejects.toMatchObject({ code: 'hub-not-found' })
    discardOrder(root, order)
    expect(readOrders(root)).toEqual([])
    expect(readdirSync(join(root, 'someone', 'tiny')).toSorted()).toEqual(['config.json', 'tokenizer.json'])
  })

  it('is left alone where its note is no order, or names files elsewhere', async () => {
    const fake = await openFakeHub({ 'someone/tiny': { files: folderFiles } })
    const order = await orderFrom(fake)
    const root = temporaryFolder()
    saveOrder(root, order)
    const [file] = order.files
    const write = (name: string, text: string): void => writeFileSync(join(root, '.downloads', name), text)
    write(`${'a'.repeat(32)}.json`, 'torn')
    write(`${'b'.repeat(32)}.json`, JSON.stringify({ ...order, files: [{ ...file, path: '../../outside' }] }))
    write(`${'c'.repeat(32)}.json`, JSON.stringify({ ...order, name: '../elsewhere' }))
    expect(readOrders(root)).toEqual([order])
  })
})

describe('a file that another program keeps', () => {
  const bytes = randomBytes(3000, 5)
  const file = promised('q/model.gguf', bytes)
  const none = { ollama: null, lmStudio: [], huggingFace: null }

  it.each([
    ['ollama', 'hash', `blobs/sha256-${file.sha256}`],
    ['hugging-face', 'hash', `models--someone--tiny/blobs/${file.sha256}`],
    ['lm-studio', 'name', 'someone/tiny/q/model.gguf'],
  ])('is found in %s by its %s', (source, by, place) => {
    const folder = temporaryFolder()
    const path = join(folder, ...place.split('/'))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
    const folders = { ollama: folder, lmStudio: [folder], huggingFace: folder }
    expect(findElsewhere({ name: 'someone/tiny' }, { files: [file] }, folders)).toEqual({ source, by, path })
    expect(findElsewhere({ name: 'someone/tiny' }, { files: [file] }, none)).toBeNull()
    writeFileSync(path, bytes.subarray(1))
    expect(findElsewhere({ name: 'someone/tiny' }, { files: [file] }, folders)).toBeNull()
  })
})

describe('the time that is left', () => {
  it('follows from the last seconds, not from the beginning', () => {
    let now = 0
    const rate = new TransferRate(() => now)
    expect(rate.remainingMs(1000)).toBeNull()
    let done = 0
    for (; now <= 30_000; now += 1000) rate.note((done += 10))
    for (; now <= 60_000; now += 1000) rate.note((done += 1000))
    expect(rate.bytesPerSecond()).toBeCloseTo(1000)
    expect(rate.remainingMs(5000)).toBeCloseTo(5000)
  })
})
