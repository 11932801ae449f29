import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readJob, runFolder } from '../../../core/training/run-folder.js'
import { runCommand } from '../../support/command-line.js'
import { writeTinyFiles } from '../../support/tiny-files.js'

const folder = mkdtempSync(join(tmpdir(), 'zerotune-guessed-'))
const files = writeTinyFiles(folder)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('training without naming a column', () => {
  it('learns what the rows suggest, says why, and keeps it with the run', async () => {
    const run = join(folder, 'run')
    const flags = ['--steps', '1', '--out', run]
    const { status, output, errors } = await runCommand('train', files.model, ...files.data, ...flags)
    expect([status, errors]).toEqual([0, ''])
    expect(output).toMatch(/what to learn: 'kind' is called as labels are and has 2 different values/)
    expect(output).toContain('to learn something else: --prompt')
    expect(readJob(runFolder(run)).task).toMatchObject({
      kind: 'labels',
      prompt: '{word}\nKind:',
      labelColumn: 'kind',
    })
    // Other rows with the same columns are read the same way.
    const judged = await runCommand('eval', run, '--data', files.train, '--json')
    expect(judged.json().at(-1)).toMatchObject({ kind: 'labels', n: 24 })
  })

  it('uses the task of an earlier run beside it for rows with the same columns, and says so', async () => {
    const flags = ['--steps', '1', ...files.data]
    const own = ['--prompt', '{word} means', '--label-column', 'kind', '--labels', '{"0":" a","1":" b"}']
    const runs = join(folder, 'runs')
    const first = await runCommand('train', files.model, ...flags, ...own, '--out', join(runs, 'first'))
    expect([first.status, first.errors]).toEqual([0, ''])
    const second = await runCommand('train', files.model, ...flags, '--out', join(runs, 'second'))
    expect(second.output).toContain("what to learn: run 'first' was trained on rows with the same columns")
    expect(readJob(runFolder(join(runs, 'second'))).task).toMatchObject({ prompt: '{word} means' })
    const planned = await runCommand('plan', files.model, ...flags, '--task', join(runs, 'first'))
    expect([planned.status, planned.errors]).toEqual([0, ''])
    expect(planned.output).not.toContain('what to learn:')
  })

  it('plans and evaluates a model the same way', async () => {
    const planned = await runCommand('plan', files.model, '--data', files.train)
    expect([planned.status, planned.errors]).toEqual([0, ''])
    expect(planned.output).toContain('what to learn:')
    const text = join(folder, 'prose.txt')
    writeFileSync(text, 'sun and rain\ntea and milk\n')
    const judged = await runCommand('eval', files.model, '--data', text)
    expect([judged.status, judged.errors]).toEqual([0, ''])
    expect(judged.output).toMatch(/'text' is the text that the rows have[^]*2 windows/)
  })
})
