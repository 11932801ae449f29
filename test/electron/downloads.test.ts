import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { Reply } from '../../electron/ipc/contract.js'
import type { EngineConfig } from '../../electron/ipc/engine-frames.js'
import type { Download } from '../../electron/ipc/hub.js'
import { engineOverChannel, testConfig, type EngineOverChannel } from '../support/engine-over-channel.js'
import { openFakeHub, promised, type FakeHub } from '../support/fake-hub.js'
import { randomBytes } from '../support/random-bytes.js'
import { temporaryFolder } from '../support/temporary-folder.js'

const demo = readFileSync(join(import.meta.dirname, '../../resources/demo/zerotune-demo.Q4_1.gguf'))
const name = 'someone/demo-model'
const file = 'demo-Q4_1.gguf'

async function openHub(): Promise<FakeHub> {
  const files = {
    [file]: demo,
    'other-Q8_0.gguf': randomBytes(4000, 1),
    'huge-IQ1_S.gguf': randomBytes(3000, 2),
  }
  return openFakeHub({ [name]: { files }, 'someone/gated': { files, gated: true } }, { isOneHost: true })
}

const online = (fake: FakeHub): Partial<EngineConfig> => ({ isOffline: false, hubEndpoint: fake.endpoint })

/** Waits for what comes in a moment; machines are shared, so that it may take longer. */
const soon = <T>(asked: () => T | Promise<T>): Promise<T> => vi.waitFor(asked, { timeout: 30_000 })

function valueOf<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value
  throw new Error(`${reply.error.code}: ${reply.error.message}`)
}

/** What the page was told of downloads, in order. */
function told(engine: EngineOverChannel): Download[] {
  return engine.frames.flatMap((frame) =>
    frame.type === 'event' && frame.name === 'download.changed' ? [frame.payload as Download] : [],
  )
}

const start = (engine: EngineOverChannel, offer = file) =>
  engine.ask('download.start', {
    taskId: `start-${offer.toLowerCase().replaceAll(/[^a-z0-9]/g, '-')}`,
    name,
    offer,
  })

describe('the hub in the app', () => {
  it('shows models to begin with, whether they fit, without asking anybody', async () => {
    const { models } = valueOf(await engineOverChannel().ask('hub.known', null))
    expect(models[0]).toMatchObject({
      title: 'SmolLM2 135M Instruct',
      wasTried: true,
      fit: { verdict: 'fits' },
    })
  })

  it('is searched, and its files are shown with what they need', async () => {
    const engine = engineOverChannel(online(await openHub()))
    const found = valueOf(await engine.ask('hub.search', { taskId: 'a', words: 'demo' }))
    expect(found.found).toEqual([{ name, downloads: 12, likes: 3, licence: 'apache-2.0', isGated: false }])
    const { offers } = valueOf(await engine.ask('hub.files', { taskId: 'b', name }))
    expect(offers).toMatchObject([
      { offer: 'huge-IQ1_S.gguf', isReadable: false, isUsual: false, here: null },
      { offer: 'other-Q8_0.gguf', quantization: 'Q8_0', isUsual: false },
      {
        offer: file,
        quantization: 'Q4_1',
        isUsual: true,
        fileBytes: demo.byteLength,
        fit: { verdict: 'fits' },
      },
    ])
  })

  it('is never asked while the network is switched off, and a switch holds at once', async () => {
    const fake = await openHub()
    const engine = engineOverChannel({ ...online(fake), isOffline: true })
    const send = vi.spyOn(globalThis, 'fetch')
    for (const [request, input] of [
      ['hub.search', { taskId: 'a', words: 'demo' }],
      ['hub.files', { taskId: 'a', name }],
      ['download.start', { taskId: 'a', name, offer: file }],
    ] as const) {
      expect(await engine.ask(request, input)).toMatchObject({ ok: false, error: { code: 'network-off' } })
    }
    expect(send).not.toHaveBeenCalled()
    send.mockRestore()
    engine.send({ type: 'configure', config: { ...testConfig(engine.folder), ...online(fake) } })
    expect(await engine.ask('hub.search', { taskId: 'a', words: 'demo' })).toMatchObject({ ok: true })
  })

  it('is given the token of the host, which no answer shows', async () => {
    const fake = await openHub()
    const files = { taskId: 'a', name: 'someone/gated' }
    const without = await engineOverChannel(online(fake)).ask('hub.files', files)
    expect(without).toMatchObject({ ok: false, error: { code: 'hub-denied', details: { hasToken: false } } })
    const engine = engineOverChannel({ ...online(fake), hubToken: 'hf_good' })
    expect(await engine.ask('hub.files', files)).toMatchObject({ ok: true })
    expect(JSON.stringify(engine.frames)).not.toContain('hf_good')
  })
})

describe('a data set of the hub', () => {
  const rows = Buffer.from('text,label\nfine,good\nawful,bad\n')
  const dataSet = 'someone/reviews'
  const ofData = { kind: 'dataset', name: dataSet } as const

  it('is found, fetched, and read like any other file', async () => {
    const fake = await openFakeHub(
      { [dataSet]: { files: { 'data/train.csv': rows, 'README.md': Buffer.from('# Reviews') } } },
      { isOneHost: true },
    )
    const engine = engineOverChannel(online(fake))
    const search = await engine.ask('hub.search', { taskId: 'a', kind: 'dataset', words: 'reviews' })
    expect(valueOf(search).found.map((found) => found.name)).toEqual([dataSet])
    const { offers } = valueOf(await engine.ask('hub.files', { taskId: 'b', ...ofData }))
    expect(offers).toMatchObject([
      { offer: 'data/train.csv', format: 'data', fileBytes: rows.byteLength, fit: null, rowsHere: null },
    ])
    const asked = { taskId: 'c', ...ofData, offer: 'data/train.csv' }
    expect(valueOf(await engine.ask('download.start', asked)).kind).toBe('dataset')
    await soon(() => expect(told(engine).at(-1)?.state).toBe('done'))
    const here = told(engine).at(-1)?.rows
    expect(here).toMatchObject({
      name: `${dataSet}/data/train.csv`,
      location: `~/models/datasets/${dataSet}/data/train.csv`,
    })
    const read = await engine.ask('data.describe', { taskId: 'd', data: here?.data ?? '', model: null })
    expect(valueOf(read).columns.map((column) => column.name)).toEqual(['text', 'label'])
    const again = valueOf(await engine.ask('hub.files', { taskId: 'e', ...ofData }))
    expect(again.offers[0]?.rowsHere).toEqual(expect.objectContaining({ data: here?.data }))
  })

  it('is not asked for while the network is switched off', async () => {
    const engine = engineOverChannel({ ...online(await openHub()), isOffline: true })
    const refused = { ok: false, error: { code: 'network-off' } }
    const search = { taskId: 'a', kind: 'dataset', words: 'reviews' } as const
    expect(await engine.ask('hub.search', search)).toMatchObject(refused)
    const start = { taskId: 'b', ...ofData, offer: 'data/train.csv' }
    expect(await engine.ask('download.start', start)).toMatchObject(refused)
  })
})

describe('a download in the app', () => {
  it('tells how far it is, and ends as a model that can be chosen', async () => {
    const engine = engineOverChannel(online(await openHub()))
    valueOf(await start(engine))
    await soon(() => expect(told(engine).at(-1)?.state).toBe('done'))
    const { model, done, total } = told(engine).at(-1) ?? {}
    expect([done, total]).toEqual([demo.byteLength, demo.byteLength])
    expect(model).toMatchObject({
      name: `${name}/${file}`,
      source: 'hub',
      location: `~/models/${name}/${file}`,
    })
    const inspected = await engine.ask('model.inspect', { taskId: 'i', model: model?.model ?? '' })
    expect(inspected).toMatchObject({ ok: true, value: { summary: { canTrain: true } } })
    expect(valueOf(await engine.ask('download.list', null)).downloads).toEqual([])
    const listed = valueOf(await engine.ask('model.list', { taskId: 'l' }))
    expect(listed.models.map(({ source }) => source)).toEqual(['hub', 'embedded'])
    const { offers } = valueOf(await engine.ask('hub.files', { taskId: 'f', name }))
    expect(offers.find(({ offer }) => offer === file)?.here).toMatchObject({ source: 'hub' })
  })

  it('is paused, goes on, and is there again after a restart, paused until a person goes on', async () => {
    const fake = await openHub()
    fake.behave(() => ({ hang: 5000 }))
    const engine = engineOverChannel(online(fake))
    const { download } = valueOf(await start(engine))
    const second = valueOf(await start(engine, 'other-Q8_0.gguf'))
    expect(second.state).toBe('waiting')
    await soon(() => expect(readdirSync(join(engine.folder, 'models', name))).toContain(`${file}.part`))
    expect(valueOf(await engine.ask('download.pause', { download: second.download })).state).toBe('paused')
    expect(valueOf(await engine.ask('download.pause', { download })).state).toBe('paused')

    const later = engineOverChannel({
      ...online(fake),
      stateFolder: engine.folder,
      modelsFolder: join(engine.folder, 'models'),
    })
    const { downloads } = valueOf(await later.ask('download.list', null))
    expect(downloads.map(({ download: id, state, total }) => [id, state, total]).toSorted()).toEqual(
      [
        [download, 'paused', demo.byteLength],
        [second.download, 'paused', 4000],
      ].toSorted(),
    )
    fake.behave(() => null)
    valueOf(await later.ask('download.resume', { download }))
    await soon(() => expect(told(later).at(-1)).toMatchObject({ download, state: 'done' }))
  })

  it('stops at once where the network is switched off, and keeps what came', async () => {
    const fake = await openHub()
    fake.behave(() => ({ hang: 5000 }))
    const engine = engineOverChannel(online(fake))
    valueOf(await start(engine))
    valueOf(await start(engine, 'other-Q8_0.gguf'))
    await soon(() => expect(readdirSync(join(engine.folder, 'models', name))).toContain(`${file}.part`))
    engine.send({
      type: 'configure',
      config: { ...testConfig(engine.folder), ...online(fake), isOffline: true },
    })
    await soon(async () => {
      const { downloads } = valueOf(await engine.ask('download.list', null))
      expect(downloads.map(({ state }) => state)).toEqual(['paused', 'paused'])
    })
  })

  it('can be taken back, and leaves nothing', async () => {
    const fake = await openHub()
    fake.behave(() => ({ hang: 5000 }))
    const engine = engineOverChannel(online(fake))
    const { download } = valueOf(await start(engine))
    await engine.ask('download.discard', { download })
    expect(told(engine).at(-1)?.state).toBe('discarded')
    expect(readdirSync(join(engine.folder, 'models', '.downloads'))).toEqual([])
    expect(await engine.ask('download.resume', { download })).toMatchObject({
      ok: false,
      error: { code: 'unknown-item' },
    })
  })

  it('that fails says why, and the next one begins', async () => {
    const fake = await openHub()
    fake.behave((_, path) => (path === file ? { bytes: randomBytes(demo.byteLength, 9) } : null))
    const engine = engineOverChannel(online(fake))
    valueOf(await start(engine))
    valueOf(await start(engine, 'other-Q8_0.gguf'))
    await soon(() => expect(told(engine).at(-1)).toMatchObject({ file: 'other-Q8_0.gguf', state: 'done' }))
    expect(valueOf(await engine.ask('download.list', null)).downloads).toMatchObject([
      { file, state: 'failed', failure: { code: 'download-invalid' } },
    ])
  })

  it('is not needed where another program keeps the file', async () => {
    const fake = await openHub()
    const ollama = temporaryFolder()
    mkdirSync(join(ollama, 'blobs'))
    const path = join(ollama, 'blobs', `sha256-${promised(file, demo).sha256}`)
    writeFileSync(path, demo)
    const libraries = { ollama, lmStudio: [], huggingFace: null }
    const engine = engineOverChannel({ ...online(fake), libraries })
    const { offers } = valueOf(await engine.ask('hub.files', { taskId: 'f', name }))
    expect(offers.find(({ offer }) => offer === file)?.here).toMatchObject({
      source: 'ollama',
      location: realpathSync(path),
    })
  })
})
