import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openModel } from '../../../core/engine/open-model.js'
import { exportAdapter } from '../../../core/export/adapter.js'
import { applyAdapter } from '../../../core/export/apply-adapter.js'
import { readAdapter } from '../../../core/export/read-adapter.js'
import { openTrainedRun } from '../../../core/training/open-trained.js'
import { caughtError } from '../../support/caught-error.js'
import { runCommand } from '../../support/command-line.js'
import { writeTinyFiles, type TinyFiles } from '../../support/tiny-files.js'

const folder = mkdtempSync(join(tmpdir(), 'zerotune-adapter-'))
const recipes = [
  'qzo-rows',
  'qzo',
  'qzo-paper',
  'zeroqat',
  'quzo',
  'qes',
  'fzoo',
  'lezo',
  'qzo-rows-momentum',
  'qzo-rows-adam',
  'dizo',
  'pezo',
  'lozo',
  'zo-muon',
  'eggroll',
]
const runOf = (recipe: string): string => join(folder, recipe)
const adapterOf = (recipe: string): string => join(folder, `${recipe}.adapter.jsonl.gz`)
/** Codes move within a few steps only where these go far. */
const farWithCodes = (recipe: string): string[] =>
  ['quzo', 'qes'].includes(recipe) ? ['--learning-rate', '0.6'] : []
let files: TinyFiles

beforeAll(async () => {
  files = writeTinyFiles(folder)
  for (const recipe of recipes) {
    const steps = ['--steps', '5', '--batch', '3', '--eval-every', '2', '--recipe', recipe]
    const often =
      { dizo: ['--magnitude-every', '2'], lozo: ['--basis-steps', '2'], 'zo-muon': ['--basis-steps', '2'] }[
        recipe
      ] ?? []
    const flags = [...files.data, ...files.task, ...steps, ...often]
    await runCommand('train', files.model, ...flags, ...farWithCodes(recipe), '--out', runOf(recipe))
    exportAdapter(openTrainedRun(runOf(recipe)), adapterOf(recipe))
  }
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const base = (seed = 1) => {
  const path = join(folder, `base-${seed}`)
  return openModel(writeTinyFiles(path, { seed }).model, new Date(0))
}

describe('an adapter', () => {
  it.each(recipes)('rebuilds the state of a %s run bit for bit', (recipe) => {
    const rebuilt = applyAdapter(readAdapter(adapterOf(recipe)), base(), 'adapter')
    expect(rebuilt.save()).toEqual(openTrainedRun(runOf(recipe)).parameters.save())
  })

  it('holds the steps up to the best state, and no path of this machine', () => {
    const { manifest, content } = readAdapter(adapterOf('qzo-rows'))
    expect(content.kind === 'steps' && content.steps).toHaveLength(openTrainedRun(runOf('qzo-rows')).step)
    expect(manifest.job.model.path).toBe('tiny.gguf')
    expect(gunzipSync(readFileSync(adapterOf('qzo-rows'))).toString()).not.toContain(folder)
  })

  it('refuses another base model, naming both hashes', () => {
    const error = caughtError(() => applyAdapter(readAdapter(adapterOf('qzo-rows')), base(2), 'adapter'))
    expect(error).toMatchObject({ code: 'model-mismatch' })
  })

  it('is refused when a step was changed, since the state would be another', () => {
    const path = adapterOf('qzo-rows')
    const [manifest, first, ...rest] = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n')
    const [seed, move, ...moves] = JSON.parse(first) as number[]
    const changed = [manifest, JSON.stringify([seed, move + 1, ...moves]), ...rest].join('\n')
    expect(caughtError(() => applyAdapter(parse(changed), base(), 'adapter'))).toMatchObject({
      code: 'adapter-invalid',
    })
  })

  it('is refused when it is cut, damaged, something else, or newer', () => {
    const text = gunzipSync(readFileSync(adapterOf('qzo-rows'))).toString()
    const lines = text.trimEnd().split('\n')
    const cut = lines.slice(0, -1).join('\n')
    const wrongs = [cut, 'no json', '{"format":"other"}', `${lines[0]}\n["a"]`, lines.slice(1).join('\n')]
    for (const wrong of wrongs)
      expect(caughtError(() => parse(wrong))).toMatchObject({ code: 'adapter-invalid' })
    const newer = text.replace('"version":2', '"version":3')
    expect(caughtError(() => parse(newer))).toMatchObject({ code: 'version-newer' })
    const path = join(folder, 'damaged')
    writeFileSync(path, readFileSync(adapterOf('qzo-rows')).subarray(0, -9))
    expect(caughtError(() => readAdapter(path))).toMatchObject({ code: 'adapter-invalid' })
    expect(caughtError(() => readAdapter(join(folder, 'none')))).toMatchObject({ code: 'file-unreadable' })
  })

  it('is not written where the journal leads to another state', () => {
    const run = openTrainedRun(runOf('qzo-rows'))
    const state = run.parameters.save()
    state[0] ^= 1
    run.parameters.load(state)
    const error = caughtError(() => exportAdapter(run, join(folder, 'wrong')))
    expect(error).toMatchObject({ code: 'run-invalid' })
  })
})

function parse(text: string): ReturnType<typeof readAdapter> {
  const path = join(folder, 'changed')
  writeFileSync(path, gzipSync(text))
  return readAdapter(path)
}
