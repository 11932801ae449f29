import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspectModel } from '../../core/index.js'
import { ggufTypes, type GgufType } from '../../core/schema/gguf-type.js'
import type { ExportFormat, ExportRecord } from '../../electron/ipc/exports.js'
import { runCommand } from '../support/command-line.js'
import { engineOverChannel, testConfig, type EngineOverChannel } from '../support/engine-over-channel.js'
import { writeTinyFiles } from '../support/tiny-files.js'

const runId = 'tiny-run'
const steps = ['--recipe', 'exact-qat', '--steps', '2', '--batch', '3', '--eval-every', '1']

let made: string
beforeAll(async () => {
  made = mkdtempSync(join(tmpdir(), 'zerotune-exports-'))
  const { model, data, task } = writeTinyFiles(join(made, 'tiny'))
  await runCommand('train', model, ...data, ...task, ...steps, '--out', join(made, runId))
})
afterAll(() => rmSync(made, { recursive: true }))

/** An engine with one run of the command line among its runs. */
function engineWithRun(): EngineOverChannel {
  const engine = engineOverChannel()
  cpSync(join(made, runId), join(engine.folder, 'runs', runId), { recursive: true })
  return engine
}

/** A program of the name `ollama` that writes down what it is asked and sees. */
function fakeOllama(folder: string, status: number): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const path = join(bin, 'ollama')
  writeFileSync(path, `#!/bin/sh\necho "$@" > '${folder}/asked'\necho said\nexit ${status}\n`)
  chmodSync(path, 0o755)
  return bin
}

async function write(
  engine: EngineOverChannel,
  format: ExportFormat,
  type: GgufType | null = null,
): Promise<ExportRecord> {
  const place = { name: 'My Model', folder: null, system: null }
  const request = { taskId: 'write', runId, step: null, format, type, ...place }
  const reply = await engine.ask('export.write', request)
  if (!reply.ok) throw new Error(reply.error.message)
  return reply.value
}

describe('an export', () => {
  it('says where there is no place for it, and what it needs, without a made-up free space', async () => {
    const engine = engineWithRun()
    const reply = await engine.ask('export.options', { runId, folder: null, name: 'My Model' })
    const options = reply.ok ? reply.value.options : []
    const lmStudio = options.find(({ format }) => format === 'lm-studio')
    expect(lmStudio).toMatchObject({ obstacle: 'not-installed', freeBytes: null, location: null })
    const gguf = options.find(({ format }) => format === 'gguf')
    expect(gguf?.freeBytes).toBeGreaterThan(0)
    expect(gguf?.location).toBe('~/exports/my-model.gguf')
  })

  it('is written in another type, as large as was said, and tells what rounding costs', async () => {
    const engine = engineWithRun()
    const reply = await engine.ask('export.types', { runId })
    const types = reply.ok ? reply.value.types : []
    expect(types.map(({ type }) => type)).toEqual([...ggufTypes])
    const { checks, writtenBytes } = await write(engine, 'gguf', 'q8_0')
    expect(writtenBytes).toBe(types.find(({ type }) => type === 'q8_0')?.neededBytes)
    const path = join(engine.folder, 'exports', 'my-model.gguf')
    expect(inspectModel(path).tensorTypes.map(({ type }) => type)).toContain('Q8_0')
    expect(checks.map(({ check, passed }) => [check, passed])).toEqual([
      ['read-back', true],
      ['rounding', null],
      ['generates', true],
      ['stops', true],
    ])
  })

  it('goes into the folder of LM Studio, as it lists models', async () => {
    const engine = engineWithRun()
    const models = join(engine.folder, 'lm')
    mkdirSync(models)
    const config = testConfig(engine.folder)
    const libraries = { ...config.libraries, lmStudio: [models] }
    engine.send({ type: 'configure', config: { ...config, libraries } })
    const { checks, location } = await write(engine, 'lm-studio')
    expect(location).toBe('~/lm/zerotune/my-model/my-model.gguf')
    expect(existsSync(join(models, 'zerotune', 'my-model', 'my-model.gguf'))).toBe(true)
    expect(readFileSync(join(models, 'zerotune', 'my-model', 'README.md'), 'utf8')).toMatch(
      /weights of some linears themselves/,
    )
    expect(checks.map(({ check, passed }) => [check, passed])).toEqual([
      ['read-back', true],
      ['same-losses', true],
      ['generates', true],
      ['stops', true],
    ])
  })

  it.skipIf(process.platform === 'win32')('is given to Ollama where it is installed', async () => {
    const engine = engineWithRun()
    const searchPath = fakeOllama(engine.folder, 0)
    engine.send({ type: 'configure', config: { ...testConfig(engine.folder), searchPath } })
    const { checks } = await write(engine, 'ollama')
    expect(checks.at(-1)).toEqual({
      check: 'imported',
      passed: true,
      finding: { code: 'ollama-said', words: 'said' },
    })
    const modelfile = join(engine.folder, 'exports', 'my-model.Modelfile')
    expect(readFileSync(join(engine.folder, 'asked'), 'utf8')).toBe(`create my-model -f ${modelfile}\n`)
    expect(readFileSync(modelfile, 'utf8')).toMatch(/^FROM .*my-model\.ollama\.gguf\n[^]*num_predict 2\n/)
  })

  it.skipIf(process.platform === 'win32')('says so where Ollama refuses it', async () => {
    const engine = engineWithRun()
    const searchPath = fakeOllama(engine.folder, 1)
    engine.send({ type: 'configure', config: { ...testConfig(engine.folder), searchPath } })
    const { checks } = await write(engine, 'ollama')
    expect(checks.at(-1)).toMatchObject({ check: 'imported', passed: false })
  })
})
