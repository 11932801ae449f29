import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { modelProblem } from '../../core/schema/model-problems.js'
import { everyRow } from '../../core/schema/row-selection.js'
import type { Reply } from '../../electron/ipc/contract.js'
import type { ModelEntry } from '../../electron/ipc/models.js'
import { withoutValues } from '../../electron/engine/without-private.js'
import { engineOverChannel, testConfig } from '../support/engine-over-channel.js'
import { genaiFolder } from '../support/genai-models.js'
import { goldenGraphFolder } from '../support/graph-models.js'

describe('the engine over a port', () => {
  it('says hello, becomes ready, and answers each question once', async () => {
    const engine = engineOverChannel()
    const { runs } = valueOf(await engine.ask('run.list', null))
    expect(runs).toEqual([])
    expect(engine.frames.map(({ type }) => type)).toEqual(['hello', 'ready', 'reply'])
  })

  it('knows a file by a handle, and never by a path that it was not given', async () => {
    const engine = engineOverChannel()
    const path = join(engine.folder, 'rows.csv')
    writeFileSync(path, 'a,b\n1,2\n')
    const unknown = await engine.ask('data.rows', { data: 'a'.repeat(32), offset: 0, count: 10 })
    expect(unknown).toMatchObject({ ok: false, error: { code: 'unknown-item' } })
    const asPath = await engine.ask('data.rows', { data: path, offset: 0, count: 10 })
    expect(asPath).toMatchObject({ ok: false, error: { code: 'request-invalid' } })
    const { data } = valueOf(await engine.ask('data.open', { path }))
    const rows = await engine.ask('data.rows', { data, offset: 0, count: 10 })
    expect(rows).toMatchObject({ ok: true, value: { total: 1, rows: [{ line: 2, values: ['1', '2'] }] } })
  })

  it('does not take a model for rows, nor rows for a model', async () => {
    const engine = engineOverChannel()
    const { train } = valueOf(await engine.ask('data.embedded', null))
    const reply = await engine.ask('model.inspect', { taskId: 'a', model: train.data })
    expect(reply).toMatchObject({ ok: false, error: { code: 'unknown-item', details: { what: 'model' } } })
  })

  it.each([
    ['a relative path', 'rows.csv', 'request-invalid'],
    ['a path of another computer', '\\\\server\\share\\a.gguf', 'request-invalid'],
    ['a path with a NUL', '/tmp/a\0.gguf', 'request-invalid'],
    ['a file that is not there', '/no/such/file.gguf', 'file-unreadable'],
    ['a folder', '~', 'file-unreadable'],
  ])('refuses to open %s', async (_, path, code) => {
    const reply = await engineOverChannel().ask('model.open', { path })
    expect(reply).toMatchObject({ ok: false, error: { code } })
  })

  it('opens a link as the file it leads to, under one handle', async () => {
    const engine = engineOverChannel()
    mkdirSync(join(engine.folder, 'real'))
    writeFileSync(join(engine.folder, 'real', 'rows.csv'), 'a\n1\n')
    symlinkSync(join(engine.folder, 'real', 'rows.csv'), join(engine.folder, 'link.csv'))
    const linked = await engine.ask('data.open', { path: '~/link.csv' })
    const direct = await engine.ask('data.open', { path: join(engine.folder, 'real', 'rows.csv') })
    expect(valueOf(linked).data).toBe(valueOf(direct).data)
  })

  it('inspects the example, and lists it among recent models afterwards', async () => {
    const engine = engineOverChannel()
    const listed = valueOf(await engine.ask('model.list', { taskId: 'list' }))
    expect(listed.models).toMatchObject([
      { source: 'embedded', location: 'resources/demo/zerotune-demo.Q4_1.gguf', usedAt: null },
    ])
    const [{ model }] = listed.models
    const inspected = await engine.ask('model.inspect', { taskId: 'inspect', model })
    expect(inspected).toMatchObject({
      ok: true,
      value: { summary: { canTrain: true }, fit: { verdict: 'fits' } },
    })
    const again = valueOf(await engine.ask('model.list', { taskId: 'list' }))
    expect(again.models[0].usedAt).not.toBeNull()
  })

  it('keeps pasted rows, by their text', async () => {
    const engine = engineOverChannel()
    const text = 'message,team\nhello,a\nbye,b\n'
    const first = valueOf<{ data: string; name: string }>(
      await engine.ask('data.paste', { text, name: '../../x.csv' }),
    )
    expect(first.name).toBe('x.csv')
    const second = valueOf(await engine.ask('data.paste', { text, name: 'other.csv' }))
    expect(second.data).toBe(first.data)
    const described = await engine.ask('data.describe', { taskId: 'a', data: first.data, model: null })
    expect(described).toMatchObject({ ok: true, value: { format: 'csv', rowCount: 2 } })
  })

  it('stops a task that is cancelled, and refuses a second one of the same name', async () => {
    const engine = engineOverChannel()
    const { train } = valueOf(await engine.ask('data.embedded', null))
    const describing = engine.ask('data.describe', { taskId: 'slow', data: train.data, model: null })
    const second = engine.ask('data.describe', { taskId: 'slow', data: train.data, model: null })
    const cancelling = engine.ask('task.cancel', { taskId: 'slow' })
    expect(await second).toMatchObject({ ok: false, error: { code: 'request-invalid' } })
    expect(await cancelling).toMatchObject({ ok: true })
    expect(await describing).toMatchObject({ ok: false, error: { code: 'cancelled' } })
  })

  it('names the licences of what it is made of, the page included', async () => {
    const { licences } = valueOf(await engineOverChannel().ask('about.describe', null))
    const names = licences.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['onnxruntime-node', 'vue', 'echarts', 'zod']))
  })

  it('leaves home and data out of diagnostics', async () => {
    const engine = engineOverChannel()
    const pasted = await engine.ask('data.paste', { text: '{"a":"Quetzalcoatl"}\nQuetzalcoatl', name: null })
    const { data } = valueOf<{ data: string }>(pasted)
    valueOf(await engine.ask('data.describe', { taskId: 'a', data, model: null }))
    const { text } = valueOf(await engine.ask('about.diagnostics', null))
    expect(text).toMatch(/onnxruntime/)
    expect(text).not.toContain(engine.folder)
    expect(text).not.toContain('Quetzalcoatl')
  })

  it('opens a model in ONNX by its folder and by its graph, and no other folder', async () => {
    const engine = engineOverChannel()
    cpSync(genaiFolder('llama'), join(engine.folder, 'tiny-llama'), { recursive: true })
    for (const [path, name] of [
      ['~/tiny-llama', 'tiny-llama'],
      ['~/tiny-llama/model.onnx', 'tiny-llama/model.onnx'],
    ]) {
      const entry = valueOf<ModelEntry>(await engine.ask('model.open', { path }))
      expect(entry).toMatchObject({ name, fileBytes: 45_656 })
      const inspected = await engine.ask('model.inspect', { taskId: 'a', model: entry.model })
      expect(valueOf(inspected)).toMatchObject({ summary: { format: 'onnx', canTrain: true } })
    }
    const refused = await engine.ask('model.open', { path: '~' })
    expect(refused).toMatchObject({ ok: false, error: { code: 'file-unreadable' } })
  })

  it('names the command line for a graph that only that can run', async () => {
    const engine = engineOverChannel()
    for (const name of ['neox', 'dit']) {
      cpSync(goldenGraphFolder(name), join(engine.folder, name), { recursive: true })
      const { model } = valueOf<ModelEntry>(await engine.ask('model.open', { path: `~/${name}` }))
      const refused = await engine.ask('model.inspect', { taskId: 'a', model })
      const details = { path: `~/${name}`, feature: modelProblem('own-graph') }
      expect(refused).toMatchObject({ ok: false, error: { code: 'model-unsupported', details } })
    }
  })

  it('never names the folder of the person in what it says', async () => {
    const engine = engineOverChannel()
    const missing = await engine.ask('model.open', { path: '~/no/such.gguf' })
    expect(missing).toMatchObject({ ok: false, error: { details: { path: '~/no/such.gguf' } } })
    writeFileSync(join(engine.folder, 'damaged.gguf'), 'GGUF and no more')
    const { model } = valueOf(await engine.ask('model.open', { path: '~/damaged.gguf' }))
    expect(await engine.ask('model.inspect', { taskId: 'a', model })).toMatchObject({ ok: false })

    const rows = 'message\tteam\nlate again\tdelivery\nbroken row\nno money back\tbilling\n'
    writeFileSync(join(engine.folder, 'rows.tsv'), rows)
    writeFileSync(join(engine.folder, 'dev.tsv'), rows.replace('message', 'text'))
    const [train, dev] = [
      valueOf(await engine.ask('data.open', { path: '~/rows.tsv' })),
      valueOf(await engine.ask('data.open', { path: '~/dev.tsv' })),
    ]
    const { models } = valueOf(await engine.ask('model.list', { taskId: 'b' }))
    const { task } = valueOf(await engine.ask('data.embedded', null))
    const selection = {
      model: models.find(({ source }) => source === 'embedded')?.model,
      train: train.data,
      dev: dev.data,
      task,
      leaveOutBadRows: true,
      maximumTokens: null,
      rows: everyRow,
    }
    const { notices } = valueOf(await engine.ask('data.check', { taskId: 'c', selection }))
    expect(notices.join()).toContain('rows.tsv: left out 1 bad rows')
    expect(notices.join()).toContain("dev.tsv has no column 'message'")
    expect(JSON.stringify(engine.frames)).not.toContain(engine.folder)
  })

  it('gives the text of a wrong row, tries another in its place, and reads that one', async () => {
    const engine = engineOverChannel()
    const rows = 'message\tteam\nlate again\tdelivery\nbroken row\nno money back\tbilling\n'
    writeFileSync(join(engine.folder, 'rows.tsv'), rows)
    writeFileSync(join(engine.folder, 'dev.tsv'), 'message\tteam\nwhere is it\tdelivery\npay me\tbilling\n')
    const train = valueOf(await engine.ask('data.open', { path: '~/rows.tsv' })).data
    const dev = valueOf(await engine.ask('data.open', { path: '~/dev.tsv' })).data
    const { models } = valueOf(await engine.ask('model.list', { taskId: 'a' }))
    const { task } = valueOf(await engine.ask('data.embedded', null))
    const model = models.find(({ source }) => source === 'embedded')?.model
    const common = { model, train, dev, task, leaveOutBadRows: false, maximumTokens: null }
    const selection = { ...common, rows: everyRow }
    const before = valueOf(await engine.ask('data.check', { taskId: 'b', selection }))
    expect(before).toMatchObject({
      trainRows: 2,
      badRows: [{ line: 3, isDev: false, preview: 'broken row' }],
    })

    const raw = valueOf(await engine.ask('data.rawRow', { data: train, line: 3 }))
    expect(raw.text).toBe('broken row')
    const tried = async (text: string) => {
      const row = { line: 3, text, isDev: false }
      return valueOf(await engine.ask('data.tryRow', { taskId: 'c', selection, row })).problem
    }
    expect(await tried('broken row')).toBe('expected 2 fields as in the header, found 1')
    expect(await tried('broken row\tnobody')).toMatch(/^expected one of the labels .*, found "nobody"$/)
    expect(await tried('mended row\tbilling')).toBeNull()

    const correction = { line: 3, text: 'mended row\tbilling', was: raw.was, isDev: false }
    const corrected = { ...common, rows: { ...everyRow, corrections: [correction] } }
    const after = valueOf(await engine.ask('data.check', { taskId: 'd', selection: corrected }))
    expect(after).toMatchObject({ trainRows: 3, badRowCount: 0 })
    expect(readFileSync(join(engine.folder, 'rows.tsv'), 'utf8')).toBe(rows)
  })

  it('takes new settings while it works', async () => {
    const engine = engineOverChannel()
    engine.send({ type: 'configure', config: { ...testConfig(engine.folder), threads: 2 } })
    expect(await engine.ask('device.describe', null)).toMatchObject({ ok: true, value: { threads: 2 } })
  })
})

describe('messages in diagnostics', () => {
  it('keep what was wrong and lose the values that they quote', () => {
    expect(withoutValues(String.raw`line 3: expected a number, found "my \"own\" words"; edit it`)).toBe(
      'line 3: expected a number, found "…"; edit it',
    )
    expect(withoutValues('found "a text that is cut…')).toBe('found "…"')
    expect(withoutValues("the file has no column 'a'")).toBe("the file has no column 'a'")
  })
})

function valueOf<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value
  throw new Error(reply.error.message)
}
